"""How fast the encoder reads."""

from collections import deque

CALLS = 8
"""How many calls are remembered; the first ones after a start are slower than the rest."""


class Pace:
    """Foretells how long texts will take, by the last calls."""

    def __init__(self) -> None:
        self._calls: deque[tuple[int, float]] = deque(maxlen=CALLS)

    def observe(self, tokens: int, seconds: float) -> None:
        """One call has ended."""
        self._calls.append((tokens, seconds))

    def seconds(self, tokens: float) -> float:
        """How long so many tokens will take; 0 before the first call."""
        read = sum(tokens for tokens, _ in self._calls)
        return tokens * sum(took for _, took in self._calls) / read if read else 0.0
