"""The texts that wait for the encoder, by turn."""

import asyncio
from bisect import bisect, bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from service.labelling.turns import Caller, Turns
from training.arrays import Tokens


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one text."""

    embedding: NDArray[np.float32]
    """[dimension]."""
    queue_seconds: float
    encode_seconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """One text."""

    caller: Caller
    turn: int
    """Texts of the same turn go in the order they came."""
    tokens: Tokens
    arrived: float
    outcome: asyncio.Future[Outcome]


class Line:
    """Texts of one event loop's callers, in the order of their turns."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._turns = Turns()
        self._tokens = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, caller: Caller, tokens: Tokens) -> Waiting:
        """Puts one text in."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        waiting = Waiting(caller, self._turns.enter(caller), tokens, perf_counter(), outcome)
        insort(self._waiting, waiting, key=_turn)
        self._tokens += len(tokens)
        return waiting

    def leave(self, waiting: Waiting) -> None:
        """Takes one text out, wherever it stands, if it is still there."""
        at = bisect_left(self._waiting, waiting.turn, key=_turn)
        while at < len(self._waiting) and self._waiting[at].turn == waiting.turn:
            if self._waiting[at] is waiting:
                self._remove(at)
                return
            at += 1

    def tokens_ahead(self, caller: Caller) -> float:
        """About how many tokens go before a text that this caller would send now."""
        if not self._waiting:
            return 0.0
        place = bisect(self._waiting, self._turns.next(caller), key=_turn)
        return self._tokens * place / len(self._waiting)

    def first(self, most: int) -> list[Waiting]:
        """Those whose turn it is."""
        return self._waiting[:most]

    def take(self, positions: Sequence[int]) -> list[Waiting]:
        """Those at these positions, which wait no more."""
        places = sorted(positions)
        taken = [self._waiting[at] for at in places]
        for at in reversed(places):
            self._remove(at)
        return taken

    def cancel(self) -> None:
        """Lets everyone know that nothing comes any more."""
        for each in self._waiting:
            each.outcome.cancel()

    def _remove(self, position: int) -> None:
        gone = self._waiting.pop(position)
        self._turns.leave(gone.caller)
        self._tokens -= len(gone.tokens)


def _turn(waiting: Waiting) -> int:
    return waiting.turn
