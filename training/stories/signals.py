"""What tells whether two articles are of one story."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.arrays import Embeddings
from training.stories.joining import Numbers
from training.stories.link import log_days
from training.stories.words import Weights, stack

Rows = NDArray[np.intp] | slice
"""Positions of articles; a slice copies no embeddings."""


class Pairs(NamedTuple):
    """The signals of pairs of articles, as `Link.log_odds` reads them."""

    similarity: Numbers
    overlap: Numbers
    log_days: Numbers


class Signals:
    """Compares any two of some articles.

    Args:
        weights: of each article's words.
        times: days since 1970, NaN where not known: float64 [articles].
        embeddings: float32 [articles, dimension], unit length.
    """

    def __init__(
        self, weights: Iterable[Weights], times: NDArray[np.float64], embeddings: Embeddings
    ) -> None:
        self._weights = stack(weights)
        self._times = times
        self._embeddings = embeddings

    def __len__(self) -> int:
        return len(self._times)

    def between(self, one: Rows, other: Rows) -> Pairs:
        """Of each article of the one with each of the other: [one, other]."""
        return Pairs(
            self._embeddings[one] @ self._embeddings[other].T,
            (self._weights[one] @ self._weights[other].T).toarray(),
            log_days(self._times[one][:, None], self._times[other]),
        )
