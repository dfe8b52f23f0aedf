"""Whose turn it is, so that one caller of thousands does not keep the others waiting."""

from collections import Counter
from contextvars import ContextVar

CALLER: ContextVar[object] = ContextVar("caller", default=None)
"""Who asks; set for each call over gRPC, however many articles it streams."""

FREE = 32
"""Texts that a caller may have waiting before its next ones stand back."""

STAND_BACK = 8
"""How many texts of others each text beyond that lets pass."""


class Turns:
    """Hands out turns in the order that texts come, later ones to callers who have many waiting.

    How much later is bounded: whatever the others send, no text waits for ever.
    """

    def __init__(self) -> None:
        self._came = 0
        self._waiting = Counter[object]()

    def enter(self, caller: object) -> int:
        """The turn of one more text of that caller."""
        turn = self._came + STAND_BACK * max(0, self._waiting[caller] - FREE)
        self._came += 1
        self._waiting[caller] += 1
        return turn

    def leave(self, caller: object) -> None:
        """One of its texts waits no more."""
        self._waiting[caller] -= 1
        if not self._waiting[caller]:
            del self._waiting[caller]
