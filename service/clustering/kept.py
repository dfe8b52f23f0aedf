"""Running stories that outlive the process."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from service.clustering.rows import Arrival, describe, last_day_of, to_reading, to_row
from service.clustering.stories import RECENT, Stories
from service.clustering.tidying import tidy_stories
from service.errors import EncoderChanged
from service.storage.database import explained
from service.storage.story_log import StoryLog
from service.storage.tables import StoryArticleRow
from training.encoder import EncoderReference
from training.stories.link import Link, day_of

TIDY_EVERY = 100
"""Articles; after so many, the stories that had one of them are looked at again."""

SUM_WORDS_EVERY = 10_000
"""Articles; the words of more are not counted again when a server starts."""


class KeptStories:
    """Puts articles into stories; what it has returned survives a crash.

    The tables are the truth and the open stories in memory a copy. A turn of writing first
    takes over what other servers have written since, so that all agree; whatever goes wrong in
    it, the copy is thrown away and read again.
    """

    def __init__(self, engine: Engine, link: Link, encoder: EncoderReference) -> None:
        self._engine = engine
        self._link = link
        self._encoder = encoder
        self._lock = Lock()
        self._stories: Stories | None = None
        self._sequence = 0
        """That of the last event which the copy knows."""

    def assign(self, arrivals: Sequence[Arrival], now: datetime) -> list[StoryArticleRow]:
        """Each article in its story, in their order; one whose id is known stays where it is."""
        with self._turn(now) as (log, stories):
            known = log.known([each.article.id for each in arrivals])
            return [self._assign(log, stories, each, known) for each in arrivals]

    def tidy(self, now: datetime) -> None:
        """Looks again at the stories that changed since that was last done."""
        with self._turn(now) as (log, stories):
            tidy_stories(log, stories, self._link)

    @contextmanager
    def _turn(self, now: datetime) -> Iterator[tuple[StoryLog, Stories]]:
        with self._lock, explained():
            try:
                with (
                    Session(self._engine, autoflush=False, expire_on_commit=False) as session,
                    session.begin(),
                ):
                    log = StoryLog(session, now)
                    stories = self._stories = self._catch_up(log)
                    yield log, stories
                    log.close(stories.take_closed())
                    self._sequence = log.clock.sequence
            except BaseException:
                self._stories = None  # it may be ahead of the tables
                raise

    def _assign(
        self,
        log: StoryLog,
        stories: Stories,
        arrival: Arrival,
        known: dict[str, StoryArticleRow],
    ) -> StoryArticleRow:
        if (before := known.get(arrival.article.id)) is not None:
            return before
        reading = stories.read(arrival.article, arrival.embedding)
        assigned = stories.assign(reading)
        row = to_row(arrival, reading, assigned)
        story = log.start(row.headline) if assigned.is_new else log.story(assigned.story)
        log.add(story, row)
        describe(story, stories)
        if arrival.article.id:
            known[arrival.article.id] = row
        if log.clock.articles % TIDY_EVERY == 0:
            tidy_stories(log, stories, self._link)
        if log.clock.articles % SUM_WORDS_EVERY == 0:
            log.sum_words_up()
        return row

    def _catch_up(self, log: StoryLog) -> Stories:
        if log.clock.encoder not in {"", self._encoder.sha256}:
            raise EncoderChanged(
                "the stories of this database are told apart with another encoder than "
                f"{self._encoder.name}; give the server a database of its own"
            )
        log.clock.encoder = self._encoder.sha256
        if self._stories is None:
            return self._read(log)
        if log.clock.sequence > self._sequence:
            _follow(self._stories, log, self._sequence)
        return self._stories

    def _read(self, log: StoryLog) -> Stories:
        stories = Stories(self._link, self._encoder.dimension)
        stories.count(*log.count_words())
        stories.remember(map(day_of, log.last_times(RECENT)), log.clock.stories)
        for row, pairs in groupby(log.open_articles(), key=lambda pair: pair[0]):
            readings = (to_reading(article) for _, article in pairs)
            stories.put(row.number, readings, last_day_of(row))
        return stories


def _follow(stories: Stories, log: StoryLog, since: int) -> None:
    """Takes over what others have written; of stories that were merged or split, the outcome."""
    events, articles = log.events_since(since), log.articles_since(since)
    changed = {event.story for event in events if event.other}
    changed |= {event.other for event in events if event.other}
    for event in events:
        if event.other is None:
            reading = to_reading(articles[event.sequence])
            if event.story in changed:
                stories.overhear(reading)
            else:
                stories.follow(reading, event.story)
    for number in sorted(changed):
        row = log.story(number)
        stories.forget(number)
        if row.is_open:
            stories.put(number, map(to_reading, log.articles_of(number)), last_day_of(row))
    stories.remember((), log.clock.stories)
    stories.take_closed()  # their writer has noted it
