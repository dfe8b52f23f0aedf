"""Where the open stories lie among all articles."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.arrays import Embeddings
from training.stories.joining import Numbers

SKETCH = 192
"""Bits of a sketch: on which sides of random planes an embedding lies (Charikar, 2002)."""

MOST_EXACT = 4096
"""Among more rows the nearest are looked for by their sketches first."""

SHORTLIST = 512
"""How many of these are then compared in full."""

DECIMALS = 5
"""Of a mean cosine; what differs less is equal."""


class Centres:
    """For each row the sum of some embeddings; rows are taken and given back."""

    def __init__(self, dimension: int) -> None:
        planes = np.random.default_rng(0).normal(size=(dimension, SKETCH))
        self._planes = planes.astype(np.float32)
        self._sums = np.zeros((64, dimension), dtype=np.float32)
        self._sketches = np.zeros((SKETCH // 64, 64), dtype=np.uint64)
        self._sizes = np.zeros(64, dtype=np.float32)
        self._free: list[int] = []
        self._used = 0

    def take(self) -> int:
        """An empty row."""
        if self._free:
            return self._free.pop()
        if self._used == len(self._sums):
            self._sums, self._sizes = (
                np.concatenate([each, np.zeros_like(each)]) for each in (self._sums, self._sizes)
            )
            self._sketches = np.concatenate([self._sketches, self._sketches], axis=1)
        self._used += 1
        return self._used - 1

    def add(self, row: int, embedding: Embeddings) -> None:
        """One more embedding for that row."""
        self._sums[row] += embedding
        self._sketches[:, row] = self._sketch(self._sums[row])
        self._sizes[row] += 1

    def give_back(self, row: int) -> None:
        """Empties the row for another to take."""
        self._sums[row] = self._sizes[row] = 0
        self._free.append(row)

    def mean(self, row: int) -> Embeddings:
        """Of the row's embeddings: float32 [dimension], shorter than unit length."""
        mean: Embeddings = self._sums[row] / self._sizes[row]
        return mean

    def similarities(
        self, rows: Sequence[int] | NDArray[np.intp], embedding: Embeddings
    ) -> Numbers:
        """The mean cosine to the embeddings of each row; rows that are not empty.

        Rounded, as the last digits depend on which rows are asked for together.
        """
        mean: Numbers = self._sums[rows] @ embedding / self._sizes[rows]
        return mean.round(DECIMALS)

    def nearest(self, embedding: Embeddings, count: int) -> list[int]:
        """The rows of highest mean cosine, ascending; at most `SHORTLIST`, and their equals.

        None if the embedding is of nothing: all rows would be equal.
        """
        if not embedding.any():
            return []
        rows = np.arange(self._used) if self._used <= MOST_EXACT else self._shortlist(embedding)
        rows = rows[self._sizes[rows] > 0]
        found: list[int] = rows[_highest(self.similarities(rows, embedding), count)].tolist()
        return found

    def _shortlist(self, embedding: Embeddings) -> NDArray[np.intp]:
        """The rows whose sketches differ from the embedding's in fewest bits, ascending."""
        sketch = self._sketch(embedding)
        differing = np.zeros(self._used, dtype=np.uint8)
        for bits, own in zip(self._sketches[:, : self._used], sketch, strict=True):
            differing += np.bitwise_count(bits ^ own)
        within = np.cumsum(np.bincount(differing, minlength=SKETCH + 1))
        return np.flatnonzero(differing <= np.searchsorted(within, SHORTLIST))

    def _sketch(self, vector: Embeddings) -> NDArray[np.uint64]:
        """uint64 [SKETCH // 64]."""
        return np.packbits(vector @ self._planes > 0).view(np.uint64)


def _highest(numbers: Numbers, count: int) -> NDArray[np.intp]:
    """The positions of that many and of those equal to the last of them, ascending."""
    if count >= len(numbers):
        return np.arange(len(numbers))
    return np.flatnonzero(numbers >= np.partition(numbers, -count)[-count])
