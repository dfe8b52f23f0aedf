"""Gathers the texts of all callers into encoder calls of like length and bounded size.

While calls run, texts gather; when one ends, the text whose turn it is and those of like length
make up the next. So no timer is needed: an idle encoder takes a text at once, a busy one
finds its batch waiting. Callers take turns, so that who sends thousands of texts keeps nobody
waiting but itself.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import monotonic, perf_counter

import numpy as np

from service.errors import RETRY_AFTER, EncodingFailed, Overloaded
from service.futures import settle
from service.labelling.line import Line, Outcome, Waiting
from service.labelling.pace import Pace
from service.labelling.turns import CALLER, Caller
from service.metrics import ENCODER, QUEUES, TOKENS
from service.processor import stand_back
from service.settings import BATCH_WINDOW, QUEUE_LIMIT, QUEUE_SECONDS
from service.tracing import note_step
from training.arrays import Embeddings, Tokens
from training.batching import PADDING, TOKEN_BUDGET, plan_batches
from training.encoder import Encoder, open_lanes

PATIENCE = 0.5
"""Share of a caller's time that may go by in the queue; foretold waits are not exact."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What bounds the queue and an encoder call; `Settings` says more of each."""

    token_budget: int = TOKEN_BUDGET
    padding_budget: int = PADDING
    batch_window: int = BATCH_WINDOW
    queue_limit: int = QUEUE_LIMIT
    queue_seconds: float = QUEUE_SECONDS


@dataclass(frozen=True, slots=True)
class Encoded:
    """The embeddings of one caller's texts, and where the time went."""

    embeddings: Embeddings
    queue_seconds: float
    """The longest wait of any of the texts."""
    encode_seconds: float
    """The longest encoder call that carried one of the texts."""


def join(parts: Sequence[Encoded]) -> Encoded:
    """The embeddings of all parts, at least one, in order, and their longest times."""
    embeddings = np.concatenate([part.embeddings for part in parts])
    return longest(replace(parts[0], embeddings=embeddings), *parts[1:])


def longest(first: Encoded, *others: Encoded) -> Encoded:
    """The first, with the longest times of all."""
    parts = (first, *others)
    return replace(
        first,
        queue_seconds=max(part.queue_seconds for part in parts),
        encode_seconds=max(part.encode_seconds for part in parts),
    )


class Batcher:
    """One encoder shared by all callers of an event loop; `async with` starts and stops it."""

    def __init__(self, encoder: Encoder, limits: Limits) -> None:
        self._encoder = encoder
        self._limits = limits
        self._line = Line()
        self._pace = Pace()
        self._coming = 0.0
        self._arrival = asyncio.Event()
        self._departure = asyncio.Event()
        # Beside an encoder that takes all it can get, calls would not even be refused in time.
        self._lanes = open_lanes(encoder, stand_back)
        self._idle = encoder.lanes
        QUEUES.add(self)

    async def __aenter__(self) -> "Batcher":
        await asyncio.to_thread(self._encoder.compile)
        lanes = range(self._encoder.lanes)
        self._workers = [asyncio.create_task(self._work(), name=f"lane {at}") for at in lanes]
        return self

    @property
    def waiting(self) -> int:
        """How many texts wait for the encoder."""
        return len(self._line)

    async def __aexit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._lanes.shutdown()
        self._line.cancel()

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
        caller = CALLER.get()
        start = perf_counter()
        waiting = [self._line.enter(caller, tokens) for tokens in texts]
        self._arrival.set()
        outcomes = await self._outcomes(waiting)
        _note_steps(start, outcomes)
        return Encoded(
            embeddings=np.stack([outcome.embedding for outcome in outcomes]),
            queue_seconds=max(outcome.queue_seconds for outcome in outcomes),
            encode_seconds=max(outcome.encode_seconds for outcome in outcomes),
        )

    def _check(self, caller: Caller) -> None:
        ahead = self._line.tokens_ahead(caller) + self._coming
        wait = self._pace.seconds(ahead / self._encoder.lanes)
        patience = min(self._limits.queue_seconds, PATIENCE * (caller.leaves_at - monotonic()))
        if wait > patience:
            raise Overloaded(
                f"the encoder is {wait:.1f} seconds behind", max(RETRY_AFTER, wait - patience)
            )

    async def _find_room(self, texts: int) -> None:
        """A stream waits for it, and leaves half of the queue to others."""
        limit = self._limits.queue_limit
        if CALLER.get().streams and texts <= limit // 2:
            while len(self._line) + texts > limit // 2:
                self._departure.clear()
                await self._departure.wait()
        if len(self._line) + texts > limit:
            raise Overloaded(f"{len(self._line)} passages are waiting already")

    async def _outcomes(self, waiting: Sequence[Waiting]) -> list[Outcome]:
        """Of all texts; if one fails or the caller leaves, the rest is not waited for."""
        try:
            return [await each.outcome for each in waiting]
        finally:
            for each in waiting:
                each.outcome.cancel()
                if each.outcome.cancelled():
                    self._line.leave(each)
                    self._departure.set()
                else:  # asked for, an exception that nobody awaits is not reported as lost
                    each.outcome.exception()

    async def _work(self) -> None:
        """One lane: a call at a time."""
        loop = asyncio.get_running_loop()
        while True:
            await self._arrival.wait()
            batch = self._take_batch()
            if not batch:
                self._arrival.clear()
                continue
            start = perf_counter()
            self._idle -= 1
            try:
                results = await loop.run_in_executor(self._lanes, self._encode, batch)
            except asyncio.CancelledError:
                _cancel(batch)
                raise
            finally:
                self._idle += 1
            self._pace.observe(sum(len(each.tokens) for each in batch), perf_counter() - start)
            # Callers are answered once the next batch is with the encoder's thread.
            loop.call_soon(_settle, batch, results)

    def _take_batch(self) -> list[Waiting]:
        """The text whose turn it is and those of like length; idle lanes share what waits."""
        limits = self._limits
        lengths = [len(each.tokens) for each in self._line.first(limits.batch_window)]
        share = max(limits.padding_budget, sum(lengths) // self._idle)
        plan = plan_batches(
            lengths, min(limits.token_budget, share), limits.batch_window, limits.padding_budget
        )
        batch = self._line.take(next((batch for batch in plan if 0 in batch), []))
        self._departure.set()
        return batch

    def _encode(self, batch: Sequence[Waiting]) -> Sequence[Outcome | Exception]:
        """A result for each text; if the batch fails, each text fails or not on its own."""
        try:
            return self._encode_together(batch)
        except Exception as error:  # noqa: BLE001 - whatever a model raises is its callers' alone
            if len(batch) == 1:
                return [_failure(error)]
            return [result for waiting in batch for result in self._encode([waiting])]

    def _encode_together(self, batch: Sequence[Waiting]) -> list[Outcome]:
        start = perf_counter()
        embeddings = self._encoder.encode_batch([waiting.tokens for waiting in batch])
        took = perf_counter() - start
        _measure([len(waiting.tokens) for waiting in batch], took)
        return [
            Outcome(embedding, start - waiting.arrived, took)
            for embedding, waiting in zip(embeddings, batch, strict=True)
        ]


def _note_steps(start: float, outcomes: Sequence[Outcome]) -> None:
    """Until the first of the texts was taken they waited; then they were encoded, till the last."""
    taken = start + min(outcome.queue_seconds for outcome in outcomes)
    note_step("queue", start, taken)
    note_step("encode", taken, perf_counter())


def _measure(lengths: Sequence[int], seconds: float) -> None:
    text = sum(lengths)
    ENCODER.observe(seconds)
    TOKENS.labels("text").inc(text)
    TOKENS.labels("padding").inc(len(lengths) * max(lengths) - text)


def _settle(batch: Sequence[Waiting], results: Sequence[Outcome | Exception]) -> None:
    for waiting, result in zip(batch, results, strict=True):
        settle(waiting.outcome, result)


def _cancel(waiting: Sequence[Waiting]) -> None:
    for each in waiting:
        each.outcome.cancel()


def _failure(error: Exception) -> EncodingFailed:
    failure = EncodingFailed("the encoder failed on a passage")
    failure.__cause__ = error
    return failure
