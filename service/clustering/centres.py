"""Where the open stories lie among all articles."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.arrays import Embeddings
from training.stories.link import Numbers

SKETCH = 64
"""The length of a sketch: an embedding seen from random directions (Johnson and Lindenstrauss)."""

MOST_EXACT = 4096
"""Among more rows the nearest are looked for by their sketches first."""

SHORTLIST = 512
"""How many of these are then compared in full."""


class Centres:
    """For each row the sum of some embeddings; rows are taken and given back."""

    def __init__(self, dimension: int) -> None:
        directions = np.random.default_rng(0).normal(size=(dimension, SKETCH))
        self._directions = directions.astype(np.float32)
        self._sums = np.zeros((64, dimension), dtype=np.float32)
        self._sketches = np.zeros((64, SKETCH), dtype=np.float32)
        self._sizes = np.zeros(64, dtype=np.float32)
        self._free: list[int] = []
        self._used = 0

    def take(self) -> int:
        """An empty row."""
        if self._free:
            return self._free.pop()
        if self._used == len(self._sums):
            self._sums, self._sketches, self._sizes = (
                np.concatenate([each, np.zeros_like(each)])
                for each in (self._sums, self._sketches, self._sizes)
            )
        self._used += 1
        return self._used - 1

    def add(self, row: int, embedding: Embeddings) -> None:
        """One more embedding for that row."""
        self._sums[row] += embedding
        self._sketches[row] = self._sums[row] @ self._directions
        self._sizes[row] += 1

    def give_back(self, row: int) -> None:
        """Empties the row for another to take."""
        for each in (self._sums, self._sketches, self._sizes):
            each[row] = 0
        self._free.append(row)

    def similarities(
        self, rows: Sequence[int] | NDArray[np.intp], embedding: Embeddings
    ) -> Numbers:
        """The mean cosine to the embeddings of each row; rows that are not empty."""
        mean: Numbers = self._sums[rows] @ embedding / self._sizes[rows]
        return mean

    def nearest(self, embedding: Embeddings, count: int) -> list[int]:
        """The rows of highest mean cosine, best first; at most `SHORTLIST`."""
        rows = np.flatnonzero(self._sizes[: self._used])
        if len(rows) > MOST_EXACT:
            sketch: Numbers = embedding @ self._directions
            sketched: Numbers = self._sketches[: self._used] @ sketch
            rows = np.sort(rows[_highest(sketched[rows] / self._sizes[rows], SHORTLIST)])
        alike = self.similarities(rows, embedding)
        best = _highest(alike, count)
        found: list[int] = rows[best[np.lexsort((best, -alike[best]))]].tolist()
        return found


def _highest(numbers: Numbers, count: int) -> NDArray[np.intp]:
    """The positions of that many, in any order."""
    if count >= len(numbers):
        return np.arange(len(numbers))
    return np.argpartition(-numbers, count)[:count]
