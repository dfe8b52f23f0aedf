"""The encoder's threads: each takes the texts whose turn it is, and those of like length.

They take texts themselves: an event loop that is busy with answers would let them wait.
"""

import asyncio
from collections.abc import Callable, Sequence
from threading import Condition
from time import perf_counter
from typing import TypeAlias

from service.errors import EncodingFailed
from service.labelling.limits import Limits
from service.labelling.line import Line, Outcome, Waiting
from service.labelling.turns import Caller
from service.metrics import ENCODER, TOKENS
from service.processor import stand_back
from training.arrays import Tokens
from training.batching import pad_length, plan_calls
from training.encoder import Encoder, open_lanes

Result: TypeAlias = Outcome | Exception
Answer: TypeAlias = Callable[[Sequence[Waiting], Sequence[Result], float], None]


class Lanes:
    """As many encoder calls at once as are best."""

    def __init__(self, encoder: Encoder, limits: Limits, answer: Answer) -> None:
        """Tells `answer` in the event loop of each call: its texts, results, and seconds."""
        self._encoder = encoder
        self._limits = limits
        self._answer = answer
        self._line = Line()
        # Held by whoever looks at the line or changes it.
        self._turnstile = Condition()
        self._idle = encoder.lanes
        self._closed = False

    def open(self) -> None:
        """Starts them, for callers of the running event loop."""
        self._loop = asyncio.get_running_loop()
        # Beside an encoder that takes all it can get, calls would not even be refused in time.
        self._threads = open_lanes(self._encoder, stand_back)
        self._ends = [
            self._loop.run_in_executor(self._threads, self._work)
            for _ in range(self._encoder.lanes)
        ]

    async def close(self) -> None:
        """Lets the calls under way end; who waits for others is told that none come."""
        with self._turnstile:
            self._closed = True
            self._turnstile.notify_all()
        await asyncio.gather(*self._ends)
        self._threads.shutdown()
        self._line.cancel()

    @property
    def waiting(self) -> int:
        """How many texts no lane has taken yet."""
        return len(self._line)

    def tokens_ahead(self, caller: Caller) -> float:
        """About how many tokens each lane reads before a text that this caller would send now."""
        with self._turnstile:
            return self._line.tokens_ahead(caller) / self._encoder.lanes

    def enter(self, caller: Caller, texts: Sequence[Tokens]) -> list[Waiting]:
        """Lets the texts wait for a lane."""
        with self._turnstile:
            waiting = [self._line.enter(caller, tokens) for tokens in texts]
            self._turnstile.notify_all()
        return waiting

    def leave(self, waiting: Waiting) -> None:
        """Has this text not encoded, if no lane has taken it yet."""
        with self._turnstile:
            self._line.leave(waiting)

    def _work(self) -> None:
        """One lane: a call at a time."""
        while batch := self._take_batch():
            start = perf_counter()
            results = self._encode(batch)
            seconds = perf_counter() - start
            self._loop.call_soon_threadsafe(self._answer, batch, results, seconds)
            with self._turnstile:
                self._idle += 1

    def _take_batch(self) -> list[Waiting]:
        """Waits until there is one; none at the end."""
        with self._turnstile:
            self._turnstile.wait_for(lambda: self._closed or len(self._line))
            if self._closed:
                return []
            batch = self._choose()
            self._idle -= 1
            return batch

    def _choose(self) -> list[Waiting]:
        """The text whose turn it is and those of like length; idle lanes share what waits."""
        limits = self._limits
        first = self._line.first(limits.batch_window)
        lengths = [pad_length(len(each.tokens)) for each in first]
        share = max(limits.padding_budget, sum(lengths) // self._idle)
        plan = plan_calls(
            lengths, min(limits.token_budget, share), limits.batch_window, limits.padding_budget
        )
        return self._line.take(next(batch for batch in plan if 0 in batch))

    def _encode(self, batch: Sequence[Waiting]) -> Sequence[Result]:
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


def _measure(lengths: Sequence[int], seconds: float) -> None:
    text = sum(lengths)
    ENCODER.observe(seconds)
    TOKENS.labels("text").inc(text)
    TOKENS.labels("padding").inc(len(lengths) * pad_length(max(lengths)) - text)


def _failure(error: Exception) -> EncodingFailed:
    failure = EncodingFailed("the encoder failed on a passage")
    failure.__cause__ = error
    return failure
