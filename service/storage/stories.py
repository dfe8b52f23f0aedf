"""Answers what is kept of stories."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Select, String, cast, exists, func, select
from sqlalchemy.orm import Session

from service.errors import StoryNotFound
from service.storage.database import explained, in_turn
from service.storage.tables import ClockRow, StoryArticleRow, StoryEventRow, StoryRow
from training.stories.words import words_of

MOST_STORIES = 2**31 - 1
"""No database has a story of a higher number, or could be asked for it."""


@dataclass(frozen=True, kw_only=True)
class StoryFilter:
    """Which stories are asked for; one must fulfil all that is set."""

    published_after: datetime | None = None
    """Has an article of this time or later."""
    published_before: datetime | None = None
    """Has an article from before this time."""
    topic: str = ""
    """Has an article about it."""
    text: str = ""
    """Has an article with all words of it."""
    min_size: int = 0


ALL = StoryFilter()
"""Asks for nothing in particular."""


@dataclass(frozen=True)
class StoryCounts:
    """How much is kept."""

    stories: int
    """Without those that were merged into others."""
    open: int
    articles: int


class StoryBook:
    """Reads the tables; every call raises DatabaseUnusable if it must."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, number: int) -> StoryRow:
        """The story of that number, or the one that it was merged into; raises StoryNotFound."""
        with explained(), Session(self._engine) as session:
            row = session.get(StoryRow, number) if number <= MOST_STORIES else None
            while row and row.merged_into:
                row = session.get(StoryRow, row.merged_into)
        if row is None:
            raise StoryNotFound(f"there is no story {number}")
        return row

    def articles(
        self, story: int, after: int = 0, count: int | None = None
    ) -> list[StoryArticleRow]:
        """Of that story, in the order that they came; those behind a sequence, at most `count`."""
        column = StoryArticleRow.sequence
        rows = select(StoryArticleRow).where(StoryArticleRow.story == story, column > after)
        with explained(), Session(self._engine) as session:
            return [*session.scalars(rows.order_by(column).limit(count))]

    def matching(
        self, wanted: StoryFilter, below: int | None = None, count: int | None = None
    ) -> list[StoryRow]:
        """The stories of highest number first; those with a lower one than `below`."""
        rows = _select(wanted).order_by(StoryRow.number.desc()).limit(count)
        if below is not None:
            rows = rows.where(StoryRow.number < min(below, MOST_STORIES))
        with explained(), Session(self._engine) as session:
            return [*session.scalars(rows)]

    def largest(self, count: int) -> list[StoryRow]:
        """The stories of most articles, the largest first and of equals the older."""
        rows = select(StoryRow).where(StoryRow.merged_into.is_(None))
        with explained(), Session(self._engine) as session:
            ordered = rows.order_by(StoryRow.size.desc(), StoryRow.number).limit(count)
            return [*session.scalars(ordered)]

    def counts(self) -> StoryCounts:
        """How much is kept."""
        stories = select(func.count()).where(StoryRow.merged_into.is_(None))
        with explained(), Session(self._engine) as session:
            return StoryCounts(
                stories=session.scalars(stories).one(),
                open=session.scalars(stories.where(StoryRow.is_open)).one(),
                articles=session.scalars(select(ClockRow.articles)).one(),
            )

    def stories_of(self, sequences: Sequence[int]) -> dict[int, int]:
        """The number of the story that each of these articles is in now."""
        column = StoryArticleRow.sequence
        rows = select(column, StoryArticleRow.story)
        with explained(), Session(self._engine) as session:
            return {
                sequence: story
                for wanted in in_turn(sequences)
                for sequence, story in session.execute(rows.where(column.in_(wanted)))
            }

    def newest(self) -> int:
        """The sequence of the latest event; 0 before the first."""
        with explained(), Session(self._engine) as session:
            return session.scalars(select(ClockRow.sequence)).one()

    def events(
        self, after: int, count: int
    ) -> list[tuple[StoryEventRow, Sequence[StoryArticleRow]]]:
        """What happened next, in order, each with the articles that came into the story by it."""
        column, sequence = StoryEventRow.sequence, StoryArticleRow.sequence
        rows = select(StoryEventRow).where(column > after).order_by(column).limit(count)
        with explained(), Session(self._engine) as session:
            events = [*session.scalars(rows)]
            articles = {
                row.sequence: row
                for wanted in in_turn([at for event in events for at in _articles_of(event)])
                for row in session.scalars(select(StoryArticleRow).where(sequence.in_(wanted)))
            }
        return [(each, [articles[at] for at in _articles_of(each)]) for each in events]


def _articles_of(event: StoryEventRow) -> Sequence[int]:
    return event.articles or [event.sequence]


def _select(wanted: StoryFilter) -> Select[StoryRow]:
    rows = select(StoryRow).where(StoryRow.merged_into.is_(None), StoryRow.size >= wanted.min_size)
    if wanted.published_after:
        rows = rows.where(StoryRow.last_published_at >= wanted.published_after)
    if wanted.published_before:
        rows = rows.where(StoryRow.first_published_at < wanted.published_before)
    if wanted.topic:
        key = f"{json.dumps(wanted.topic)}:"
        rows = rows.where(cast(StoryRow.topics, String).contains(key, autoescape=True))
    if words := words_of(wanted.text):
        each = (StoryArticleRow.words.contains(f" {word} ", autoescape=True) for word in words)
        rows = rows.where(exists().where(StoryArticleRow.story == StoryRow.number, *each))
    return rows
