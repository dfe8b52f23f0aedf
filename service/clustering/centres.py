"""Where the open stories lie among all articles."""

from collections.abc import Sequence

import numpy as np

from training.arrays import Embeddings
from training.stories.link import Numbers


class Centres:
    """For each row the sum of some embeddings; rows are taken and given back."""

    def __init__(self, dimension: int) -> None:
        self._sums = np.zeros((64, dimension), dtype=np.float32)
        self._sizes = np.zeros(len(self._sums), dtype=np.float32)
        self._free: list[int] = []
        self._used = 0

    def take(self) -> int:
        """An empty row."""
        if self._free:
            return self._free.pop()
        if self._used == len(self._sums):
            self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)])
            self._sizes = np.concatenate([self._sizes, np.zeros_like(self._sizes)])
        self._used += 1
        return self._used - 1

    def add(self, row: int, embedding: Embeddings) -> None:
        """One more embedding for that row."""
        self._sums[row] += embedding
        self._sizes[row] += 1

    def give_back(self, row: int) -> None:
        """Empties the row for another to take."""
        self._sums[row] = 0
        self._sizes[row] = 0
        self._free.append(row)

    def similarities(self, rows: Sequence[int], embedding: Embeddings) -> Numbers:
        """The mean cosine to the embeddings of each row; rows that are not empty."""
        mean: Numbers = self._sums[rows] @ embedding / self._sizes[rows]
        return mean

    def nearest(self, embedding: Embeddings, count: int) -> list[int]:
        """The rows of highest mean cosine, best first."""
        rows = np.flatnonzero(self._sizes[: self._used])
        alike = (self._sums[: self._used] @ embedding)[rows] / self._sizes[rows]
        best = np.argpartition(-alike, count)[:count] if count < len(rows) else np.arange(len(rows))
        found: list[int] = rows[best[np.lexsort((best, -alike[best]))]].tolist()
        return found
