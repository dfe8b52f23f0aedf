"""Whose turn it is, so that one caller of thousands does not keep the others waiting."""

from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf

FREE = 32
"""Texts that a caller may have waiting before its next ones stand back."""

STAND_BACK = 8
"""How many texts of others each text beyond that lets pass."""


@dataclass(frozen=True, eq=False, slots=True)
class Caller:
    """Who asks: one call over gRPC, however many articles it streams."""

    leaves_at: float = inf
    """When it stops waiting, in seconds of `time.monotonic`."""
    streams: bool = False
    """Whether it sends no more while it waits; if so, it waits for room and is not refused."""


CALLER: ContextVar[Caller] = ContextVar("caller", default=Caller())  # noqa: B039 - it is frozen
"""Who asks; set for each call over gRPC."""


class Turns:
    """Hands out turns in the order that texts come, later ones to callers who have many waiting.

    How much later is bounded: whatever the others send, no text waits for ever.
    """

    def __init__(self) -> None:
        self._came = 0
        self._waiting = Counter[Caller]()

    def next(self, caller: Caller) -> int:
        """The turn that one more text of that caller would have."""
        return self._came + STAND_BACK * max(0, self._waiting[caller] - FREE)

    def enter(self, caller: Caller) -> int:
        """The turn of one more text of that caller."""
        turn = self.next(caller)
        self._came += 1
        self._waiting[caller] += 1
        return turn

    def leave(self, caller: Caller) -> None:
        """One of its texts waits no more."""
        self._waiting[caller] -= 1
        if not self._waiting[caller]:
            del self._waiting[caller]
