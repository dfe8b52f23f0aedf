"""How fast the encoder reads."""

from collections import deque
from statistics import median_low

from training.batching import PADDING

CALLS = 8
"""How many calls are remembered."""


class Pace:
    """Foretells how long texts will take, by the last calls.

    By their median: a call that was held up, as the first after a start is, says little.
    """

    def __init__(self) -> None:
        self._calls: deque[float] = deque(maxlen=CALLS)

    def observe(self, tokens: int, seconds: float) -> None:
        """One call has ended; it cost something whatever it read."""
        self._calls.append(seconds / (tokens + PADDING))

    def seconds(self, tokens: float) -> float:
        """How long so many tokens will take; 0 before the first call."""
        return tokens * median_low(self._calls) if self._calls else 0.0
