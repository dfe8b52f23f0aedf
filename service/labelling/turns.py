"""Whose turn it is, so that one caller of thousands does not keep the others waiting."""

from contextvars import ContextVar

CALLER: ContextVar[object] = ContextVar("caller", default=None)
"""Who asks; set for each call over gRPC, however many articles it streams."""

MOST_REMEMBERED = 1000
"""Callers, before those whose turns have all been are forgotten."""


class Turns:
    """Hands out turns: a caller's first is the current one, and each later one comes a turn later.

    Start-time fair queueing (Goyal, Vin and Cheng, 1996) where every text costs the same.
    """

    def __init__(self) -> None:
        self._now = 0
        self._next: dict[object, int] = {}

    def next(self) -> int:
        """The turn of one more text of the present caller."""
        caller = CALLER.get()
        turn = max(self._now, self._next.get(caller, 0))
        if len(self._next) >= MOST_REMEMBERED:
            self._next = {each: at for each, at in self._next.items() if at > self._now}
        self._next[caller] = turn + 1
        return turn

    def reach(self, turn: int) -> None:
        """It is that turn now, if it was not past it."""
        self._now = max(self._now, turn)
