"""Writes what happens to stories, one writer after another."""

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.storage.columns import without_nul
from service.storage.database import in_turn
from service.storage.tables import (
    Change,
    ClockRow,
    StoryArticleRow,
    StoryEventRow,
    StoryRow,
    StoryWordsRow,
)


class StoryLog:
    """One writer's turn: until its transaction ends no other has one, on whatever server."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        locked = update(ClockRow).values(sequence=ClockRow.sequence).returning(ClockRow)
        self.clock: ClockRow = session.scalars(locked).one()
        self._new: dict[int, StoryRow] = {}
        """The stories that were started in this turn."""

    def known(self, ids: Collection[str]) -> dict[str, StoryArticleRow]:
        """The articles of these ids that came before, by id."""
        stored = {without_nul(each): each for each in ids if each}
        column = StoryArticleRow.article_id
        return {
            stored[row.article_id]: row
            for keys in in_turn([*stored])
            for row in self._session.scalars(select(StoryArticleRow).where(column.in_(keys)))
            if row.article_id
        }

    def story(self, number: int) -> StoryRow:
        """The story of that number; it must have been started."""
        return self._new.get(number) or self._session.get_one(StoryRow, number)

    def start(self, headline: str) -> StoryRow:
        """A story with the next number, as yet without articles."""
        self.clock.stories += 1
        row = StoryRow(
            number=self.clock.stories,
            headline=headline,
            terms=[],
            size=0,
            topics={},
            create_time=self._now,
            update_time=self._now,
            first_published_at=None,
            last_published_at=None,
            last_day=None,
            last_sequence=0,
            is_open=True,
            merged_into=None,
        )
        self._session.add(row)
        self._new[row.number] = row
        return row

    def add(self, row: StoryRow, article: StoryArticleRow) -> None:
        """One more article of a story, and the event of it; gives it its sequence."""
        change = Change.STARTED if article.started else Change.JOINED
        self.clock.articles += 1
        article.sequence = self.note(change, row, None, ())
        article.story, article.create_time = row.number, self._now
        self._session.add(article)
        _count(row, article)

    def note(
        self, change: Change, row: StoryRow, other: StoryRow | None, articles: Iterable[int]
    ) -> int:
        """Something happened to the story; returns its sequence."""
        self.clock.sequence += 1
        event = StoryEventRow(
            sequence=self.clock.sequence,
            change=change.value,
            story=row.number,
            other=other and other.number,
            articles=list(articles),
            create_time=self._now,
        )
        self._session.add(event)
        row.update_time = self._now
        return event.sequence

    def fill(self, row: StoryRow, articles: Iterable[StoryArticleRow]) -> None:
        """The story has these articles and no others, in the order that they came."""
        row.size, row.topics, row.last_sequence = 0, {}, 0
        row.first_published_at = row.last_published_at = None
        for article in articles:
            article.story = row.number
            _count(row, article)

    def close(self, numbers: Sequence[int]) -> None:
        """These stories take no more articles."""
        self._session.flush()
        for some in in_turn(numbers):
            closing = update(StoryRow).where(StoryRow.number.in_(some))
            self._session.execute(closing.values(is_open=False))

    def articles_of(self, number: int) -> list[StoryArticleRow]:
        """The articles of that story, in the order that they came."""
        self._session.flush()
        column = StoryArticleRow.story
        rows = select(StoryArticleRow).where(column == number).order_by(StoryArticleRow.sequence)
        return [*self._session.scalars(rows)]

    def open_articles(self) -> Iterator[tuple[StoryRow, StoryArticleRow]]:
        """Every article of every open story; the story without an article for longest first."""
        rows = (
            select(StoryRow, StoryArticleRow)
            .join(StoryArticleRow, StoryArticleRow.story == StoryRow.number)
            .where(StoryRow.is_open)
            .order_by(StoryRow.last_sequence, StoryRow.number, StoryArticleRow.sequence)
        )
        yield from self._session.execute(rows.execution_options(yield_per=1000))

    def changed_since(self, sequence: int) -> list[int]:
        """The stories that have had an article since then, ascending."""
        self._session.flush()
        rows = select(StoryArticleRow.story).where(StoryArticleRow.sequence > sequence)
        return sorted(set(self._session.scalars(rows)))

    def events_since(self, sequence: int) -> list[StoryEventRow]:
        """What has happened since then, in order."""
        column = StoryEventRow.sequence
        rows = select(StoryEventRow).where(column > sequence).order_by(column)
        return [*self._session.scalars(rows)]

    def articles_since(self, sequence: int) -> dict[int, StoryArticleRow]:
        """The articles that have come since then, by sequence."""
        column = StoryArticleRow.sequence
        rows = select(StoryArticleRow).where(column > sequence)
        return {row.sequence: row for row in self._session.scalars(rows)}

    def last_times(self, count: int) -> list[datetime]:
        """The times of the latest articles that have one, the latest last."""
        column = StoryArticleRow.published_at
        rows = select(column).where(column.is_not(None))
        latest = rows.order_by(StoryArticleRow.sequence.desc()).limit(count)
        return [time for time in self._session.scalars(latest) if time][::-1]

    def count_words(self) -> tuple[int, Counter[str]]:
        """How many articles have come, and in how many each word occurs."""
        articles, counts, last = 0, Counter[str](), 0
        for block in self._session.scalars(select(StoryWordsRow).order_by(StoryWordsRow.sequence)):
            articles, last = articles + block.articles, block.sequence
            counts.update(json.loads(zlib.decompress(block.counts)))
        for words in self._words_since(last):
            articles += 1
            counts.update(words.split())
        return articles, counts

    def sum_words_up(self) -> None:
        """Counts the words of the articles since this was last done, once and for all."""
        self._session.flush()
        last = self._session.scalar(select(func.max(StoryWordsRow.sequence))) or 0
        lists = [words.split() for words in self._words_since(last)]
        counts = Counter(word for words in lists for word in words)
        packed = zlib.compress(json.dumps(counts, ensure_ascii=False).encode())
        row = StoryWordsRow(sequence=self.clock.sequence, articles=len(lists), counts=packed)
        self._session.add(row)

    def _words_since(self, sequence: int) -> Iterable[str]:
        rows = select(StoryArticleRow.words).where(StoryArticleRow.sequence > sequence)
        return self._session.scalars(rows.execution_options(yield_per=1000))


def _count(row: StoryRow, article: StoryArticleRow) -> None:
    row.size += 1
    row.last_sequence = max(row.last_sequence, article.sequence)
    row.topics = dict(Counter(row.topics) + Counter(article.topics))
    if (time := article.published_at) is not None:
        row.first_published_at = min(row.first_published_at or time, time)
        row.last_published_at = max(row.last_published_at or time, time)
