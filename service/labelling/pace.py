"""How fast the encoder reads."""

from collections import deque
from statistics import median_low

CALLS = 5
"""How many calls are remembered: under sudden load the encoder may become four times slower, and
whoever is let in before that is noticed waits the longer."""

FEWEST = 64
"""Tokens that a call counts for at least: of shorter ones little of the time is for the tokens."""


class Pace:
    """Foretells how long texts will take, by the last calls.

    By their median: a call that was held up, as the first after a start is, says little.
    """

    def __init__(self) -> None:
        self._calls: deque[float] = deque(maxlen=CALLS)

    def observe(self, tokens: int, seconds: float) -> None:
        """One call has ended."""
        self._calls.append(seconds / max(tokens, FEWEST))

    def seconds(self, tokens: float) -> float:
        """How long so many tokens will take; 0 before the first call."""
        return tokens * median_low(self._calls) if self._calls else 0.0
