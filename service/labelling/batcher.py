"""Gathers the texts of all callers into encoder calls of like length and bounded size.

While calls run, texts gather; when one ends, the text whose turn it is and those of like length
make up the next. So no timer is needed: an idle encoder takes a text at once, a busy one
finds its batch waiting. Callers take turns, so that who sends thousands of texts keeps nobody
waiting but itself.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, perf_counter

import numpy as np

from service.errors import RETRY_AFTER, Overloaded
from service.futures import settle
from service.labelling.encoded import Encoded
from service.labelling.lanes import Lanes, Result
from service.labelling.limits import Limits
from service.labelling.line import Outcome, Waiting
from service.labelling.pace import Pace
from service.labelling.turns import CALLER, Caller
from service.metrics import QUEUES
from service.tracing import note_step
from training.arrays import Tokens
from training.encoder import Encoder

PATIENCE = 0.5
"""Share of a caller's time that may go by in the queue; foretold waits are not exact."""


class Batcher:
    """One encoder shared by all callers of an event loop; `async with` starts and stops it."""

    def __init__(self, encoder: Encoder, limits: Limits) -> None:
        self._encoder = encoder
        self._limits = limits
        self._lanes = Lanes(encoder, limits, self._answer)
        self._pace = Pace()
        self._coming = 0.0
        self._departure = asyncio.Event()
        QUEUES.add(self)

    async def __aenter__(self) -> "Batcher":
        self._lanes.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._lanes.close()

    @property
    def waiting(self) -> int:
        """How many texts wait for the encoder."""
        return self._lanes.waiting

    @contextmanager
    def admitted(self, tokens: float) -> Iterator[None]:
        """Counts about so many tokens as waiting while they are still made of a text.

        Raises Overloaded if they would have to wait too long: longer than the limit, or than
        half of the time that their caller has left. Streams are always admitted.
        """
        caller = CALLER.get()
        if caller.streams:
            yield
            return
        self._check(caller)
        self._coming += tokens
        try:
            yield
        finally:
            self._coming -= tokens

    async def encode(self, texts: Sequence[Tokens]) -> Encoded:
        """The embeddings of tokenized texts: float32 [texts, dimension].

        Raises Overloaded at once if the queue has no room for them, and EncodingFailed if the
        encoder fails on one of them. A cancelled caller's texts are not encoded if they have
        not been yet.
        """
        if not texts:
            return Encoded(np.empty((0, self._encoder.reference.dimension), np.float32), 0.0, 0.0)
        await self._find_room(len(texts))
        start = perf_counter()
        outcomes = await self._outcomes(self._lanes.enter(CALLER.get(), texts))
        _note_steps(start, outcomes)
        return Encoded(
            embeddings=np.stack([outcome.embedding for outcome in outcomes]),
            queue_seconds=max(outcome.queue_seconds for outcome in outcomes),
            encode_seconds=max(outcome.encode_seconds for outcome in outcomes),
        )

    def _check(self, caller: Caller) -> None:
        ahead = self._lanes.tokens_ahead(caller) + self._coming / self._encoder.lanes
        wait = self._pace.seconds(ahead)
        patience = min(self._limits.queue_seconds, PATIENCE * (caller.leaves_at - monotonic()))
        if wait > patience:
            raise Overloaded(
                f"the encoder is {wait:.1f} seconds behind", max(RETRY_AFTER, wait - patience)
            )

    async def _find_room(self, texts: int) -> None:
        """A stream waits for it, and leaves half of the queue to others."""
        limit = self._limits.queue_limit
        if CALLER.get().streams and texts <= limit // 2:
            while self.waiting + texts > limit // 2:
                self._departure.clear()
                await self._departure.wait()
        if self.waiting + texts > limit:
            raise Overloaded(f"{self.waiting} passages are waiting already")

    async def _outcomes(self, waiting: Sequence[Waiting]) -> list[Outcome]:
        """Of all texts; if one fails or the caller leaves, the rest is not waited for."""
        try:
            return [await each.outcome for each in waiting]
        finally:
            for each in waiting:
                each.outcome.cancel()
                if each.outcome.cancelled():
                    self._lanes.leave(each)
                    self._departure.set()
                else:  # asked for, an exception that nobody awaits is not reported as lost
                    each.outcome.exception()

    def _answer(self, batch: Sequence[Waiting], results: Sequence[Result], seconds: float) -> None:
        """One encoder call has ended."""
        self._pace.observe(sum(len(each.tokens) for each in batch), seconds)
        for waiting, result in zip(batch, results, strict=True):
            settle(waiting.outcome, result)
        self._departure.set()


def _note_steps(start: float, outcomes: Sequence[Outcome]) -> None:
    """Until the first of the texts was taken they waited; then they were encoded, till the last."""
    taken = start + min(outcome.queue_seconds for outcome in outcomes)
    note_step("queue", start, taken)
    note_step("encode", taken, perf_counter())
