"""What tells whether two articles are of one story."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from training.arrays import Embeddings
from training.stories.link import Numbers, log_days
from training.stories.words import Frequencies, Words, stack

Rows = NDArray[np.intp] | slice
"""Positions of articles; a slice copies no embeddings."""


class Pairs(NamedTuple):
    """The signals of pairs of articles, as `Link.log_odds` reads them."""

    similarity: Numbers
    overlap: Numbers
    log_days: Numbers


class Signals:
    """Compares any two of some articles, whose words it counts first."""

    def __init__(
        self,
        words: Sequence[Words],
        times: NDArray[np.float64],
        embeddings: Embeddings,
        frequencies: Frequencies,
    ) -> None:
        self._embeddings = embeddings
        self._times = times
        for each in words:
            frequencies.add(each)
        self._weights: csr_array = stack(frequencies.weigh(each) for each in words)

    def __len__(self) -> int:
        return len(self._times)

    def between(self, one: Rows, other: Rows) -> Pairs:
        """Of each article of the one with each of the other: [one, other]."""
        return Pairs(
            self._embeddings[one] @ self._embeddings[other].T,
            (self._weights[one] @ self._weights[other].T).toarray(),
            log_days(self._times[one][:, None], self._times[other]),
        )
