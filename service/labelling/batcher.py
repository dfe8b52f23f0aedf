"""Gathers the texts of all callers into encoder calls of like length and bounded size.

While one call runs, texts gather; when it ends, the one whose turn it is and those of like length
make up the next. So no timer is needed: an idle encoder takes a text at once, a busy one
finds its batch waiting. Callers take turns, so that who sends thousands of texts keeps nobody
waiting but itself.
"""

import asyncio
from bisect import insort
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from service.errors import EncodingFailed, Overloaded
from service.labelling.turns import CALLER, Turns
from service.metrics import ENCODER, QUEUES, TOKENS
from training.arrays import Embeddings, Tokens
from training.batching import TOKEN_BUDGET, WINDOW, plan_batches
from training.encoder import Encoder

RETRY_AFTER = 1.0
"""Seconds after which a refused caller may find room."""


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


@dataclass(frozen=True, slots=True)
class _Outcome:
    embedding: NDArray[np.float32]
    queue_seconds: float
    encode_seconds: float


@dataclass(frozen=True, slots=True)
class _Waiting:
    caller: object
    turn: int
    """Texts of the same turn go in the order they came."""
    tokens: Tokens
    arrived: float
    outcome: asyncio.Future[_Outcome]

    def settle(self, result: _Outcome | Exception) -> None:
        """Answers the caller, unless it has left."""
        if self.outcome.done():
            return
        if isinstance(result, Exception):
            self.outcome.set_exception(result)
        else:
            self.outcome.set_result(result)


class Batcher:
    """One encoder shared by all callers of an event loop; `async with` starts and stops it."""

    def __init__(
        self,
        encoder: Encoder,
        *,
        token_budget: int = TOKEN_BUDGET,
        window: int = WINDOW,
        queue_limit: int = 16384,
    ) -> None:
        self._encoder = encoder
        self._token_budget = token_budget
        self._window = window
        self._queue_limit = queue_limit
        self._waiting: list[_Waiting] = []
        """By turn."""
        self._turns = Turns()
        self._arrival = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encoder")
        QUEUES.add(self)

    async def __aenter__(self) -> "Batcher":
        self._worker = asyncio.create_task(self._work(), name="batcher")
        return self

    @property
    def waiting(self) -> int:
        """How many texts wait for the encoder."""
        return len(self._waiting)

    async def __aexit__(self, *_: object) -> None:
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        self._thread.shutdown()
        _cancel(self._waiting)

    async def encode(self, texts: Sequence[Tokens]) -> Encoded:
        """The embeddings of tokenized texts: float32 [texts, dimension].

        Raises Overloaded at once if the queue has no room for them, and EncodingFailed if the
        encoder fails on one of them. A cancelled caller's texts are not encoded if they have
        not been yet.
        """
        if not texts:
            return Encoded(np.empty((0, self._encoder.reference.dimension), np.float32), 0.0, 0.0)
        if len(self._waiting) + len(texts) > self._queue_limit:
            raise Overloaded(f"{len(self._waiting)} passages are waiting already", RETRY_AFTER)
        outcomes = await self._gather([self._enqueue(tokens) for tokens in texts])
        return Encoded(
            embeddings=np.stack([outcome.embedding for outcome in outcomes]),
            queue_seconds=max(outcome.queue_seconds for outcome in outcomes),
            encode_seconds=max(outcome.encode_seconds for outcome in outcomes),
        )

    def _enqueue(self, tokens: Tokens) -> asyncio.Future[_Outcome]:
        outcome = asyncio.get_running_loop().create_future()
        caller = CALLER.get()
        waiting = _Waiting(caller, self._turns.enter(caller), tokens, perf_counter(), outcome)
        insort(self._waiting, waiting, key=lambda each: each.turn)
        self._arrival.set()
        return outcome

    async def _gather(self, futures: Sequence[asyncio.Future[_Outcome]]) -> list[_Outcome]:
        """All results; if one fails or the caller leaves, the rest is not waited for."""
        try:
            return [await future for future in futures]
        finally:
            for future in futures:
                # Asked for, an exception that nobody awaits any more is not reported as lost.
                _ = future.cancel() or future.cancelled() or future.exception()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._arrival.wait()
            batch = self._take_batch()
            if not batch:
                self._arrival.clear()
                continue
            try:
                results = await loop.run_in_executor(self._thread, self._encode, batch)
            except asyncio.CancelledError:
                _cancel(batch)
                raise
            # Callers are answered once the next batch is with the encoder's thread.
            loop.call_soon(_settle, batch, results)

    def _take_batch(self) -> list[_Waiting]:
        """The text whose turn it is and those of like length; texts of callers that left go."""
        present = [waiting for waiting in self._waiting if not waiting.outcome.done()]
        lengths = [len(waiting.tokens) for waiting in present[: self._window]]
        plan = plan_batches(lengths, self._token_budget, self._window)
        chosen = next((set(batch) for batch in plan if 0 in batch), set[int]())
        batch = [present[at] for at in sorted(chosen)]
        left = [waiting for waiting in self._waiting if waiting.outcome.done()]
        for gone in (*batch, *left):
            self._turns.leave(gone.caller)
        self._waiting = [kept for at, kept in enumerate(present) if at not in chosen]
        return batch

    def _encode(self, batch: Sequence[_Waiting]) -> Sequence[_Outcome | Exception]:
        """A result for each text; if the batch fails, each text fails or not on its own."""
        try:
            return self._encode_together(batch)
        except Exception as error:  # noqa: BLE001 - whatever a model raises is its callers' alone
            if len(batch) == 1:
                return [_failure(error)]
            return [result for waiting in batch for result in self._encode([waiting])]

    def _encode_together(self, batch: Sequence[_Waiting]) -> list[_Outcome]:
        start = perf_counter()
        embeddings = self._encoder.encode_batch([waiting.tokens for waiting in batch])
        took = perf_counter() - start
        _measure([len(waiting.tokens) for waiting in batch], took)
        return [
            _Outcome(embedding, start - waiting.arrived, took)
            for embedding, waiting in zip(embeddings, batch, strict=True)
        ]


def _measure(lengths: Sequence[int], seconds: float) -> None:
    text = sum(lengths)
    ENCODER.observe(seconds)
    TOKENS.labels("text").inc(text)
    TOKENS.labels("padding").inc(len(lengths) * max(lengths) - text)


def _settle(batch: Sequence[_Waiting], results: Sequence[_Outcome | Exception]) -> None:
    for waiting, result in zip(batch, results, strict=True):
        waiting.settle(result)


def _cancel(waiting: Sequence[_Waiting]) -> None:
    for each in waiting:
        each.outcome.cancel()


def _failure(error: Exception) -> EncodingFailed:
    failure = EncodingFailed("the encoder failed on a passage")
    failure.__cause__ = error
    return failure
