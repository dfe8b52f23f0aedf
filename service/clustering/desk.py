"""Where callers' articles wait for their stories."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from service.clustering.kept import KeptStories
from service.clustering.rows import Arrival
from service.errors import Overloaded
from service.futures import settle
from service.metrics import STORY_ARTICLES
from service.storage.database import Database
from service.storage.tables import StoryArticleRow
from training.encoder import EncoderReference
from training.stories.link import Link

MOST_TOGETHER = 256
"""Articles of one transaction; those that wait share one, and so one write to the disk."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    encoder: EncoderReference
    arrival: Arrival
    outcome: asyncio.Future[StoryArticleRow]


class StoryDesk:
    """Puts the articles of all callers into stories, in the order that they come here."""

    def __init__(self, database: Database, link: Link, queue_limit: int) -> None:
        self._database = database
        self._link = link
        self._queue_limit = queue_limit
        self._kept: tuple[EncoderReference, KeptStories] | None = None
        self._waiting: deque[_Waiting] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def assign(self, encoder: EncoderReference, arrival: Arrival) -> StoryArticleRow:
        """The story of an article, kept by now; raises Overloaded at once if too many wait."""
        if len(self._waiting) >= self._queue_limit:
            raise Overloaded("too many articles wait for their stories")
        outcome: asyncio.Future[StoryArticleRow] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(encoder, arrival, outcome))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return await outcome

    async def _write(self) -> None:
        while self._waiting:
            taken = self._take()
            try:
                rows = await asyncio.to_thread(self._assign, taken)
            except Exception as error:  # noqa: BLE001 - it is the callers' to hear
                for waiting in taken:
                    settle(waiting.outcome, error)
            else:
                for waiting, row in zip(taken, rows, strict=True):
                    STORY_ARTICLES.labels("started" if row.started else "joined").inc()
                    settle(waiting.outcome, row)
        self._writer = None

    def _take(self) -> list[_Waiting]:
        """Those that have waited longest, read by one encoder, whose callers have not left."""
        taken: list[_Waiting] = []
        first = self._waiting[0].encoder
        while self._waiting and len(taken) < MOST_TOGETHER and self._waiting[0].encoder == first:
            waiting = self._waiting.popleft()
            if not waiting.outcome.done():
                taken.append(waiting)
        return taken

    def _assign(self, taken: list[_Waiting]) -> list[StoryArticleRow]:
        if not taken:
            return []
        encoder = taken[0].encoder
        if self._kept is None or self._kept[0] != encoder:
            self._kept = encoder, KeptStories(self._database.engine, self._link, encoder)
        return self._kept[1].assign([each.arrival for each in taken], datetime.now(UTC))
