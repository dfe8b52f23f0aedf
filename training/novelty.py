"""Tells texts that are unlike all that a model was fitted on.

How unlike a text is, is its cosine distance to the nearest but few of the corpus's texts (Sun et
al., 2022): 0 for a text of a kind the corpus has several of, up to 2. What share of the corpus's
own texts lies further from the rest sets the limit; beyond it a text is out of distribution.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from training.arrays import Embeddings
from training.calibration import Vector

NEIGHBOUR = 5
"""Which nearest text counts; one alone may be a freak."""

BEYOND = 0.01
"""The share of the corpus's own texts that lies beyond the limit."""

MOST_TEXTS = 500
"""Of a larger corpus a sample stands for all: more would slow each request down."""

FEWEST_TEXTS = 100
"""A smaller corpus shows too little of its world to say what lies outside."""

_AT_ONCE = 1024


@dataclass(frozen=True)
class Novelty:
    """What a model has seen, and how far from it is too far."""

    seen: NDArray[np.float16]
    """The embeddings of what the heads were fitted on, or a sample: [texts, dimension]."""
    limit: float
    """The distance beyond which a text is out of distribution."""

    def distances(self, embeddings: Embeddings) -> Vector:
        """How unlike all that was seen each text is: float64 [texts], 0 to 2."""
        return _distances(embeddings, self._columns, NEIGHBOUR)

    @cached_property
    def _columns(self) -> Embeddings:
        return _columns(self.seen)


def fit_novelty(embeddings: Embeddings, anchors: Embeddings, seed: int) -> Novelty | None:
    """What a model has seen; None if its corpus has too few different texts to tell.

    Args:
        embeddings: of the corpus, float32 [texts, dimension].
        anchors: of what else the heads were fitted on, such as the topics' descriptions, float32
            [texts, dimension]. What is near one of them is familiar, alone as it may be.
        seed: of the sample.
    """
    distinct = np.unique(embeddings.astype(np.float16), axis=0)
    if len(distinct) < FEWEST_TEXTS:
        return None
    chosen = np.random.default_rng(seed).permutation(len(distinct))[:MOST_TEXTS]
    sample = distinct[np.sort(chosen)]
    # A sampled text's nearest is the text itself, so that the next one counts.
    own = _distances(sample.astype(np.float32), _columns(sample), NEIGHBOUR + 1)
    limit = float(np.quantile(own, 1 - BEYOND))
    anchored = np.repeat(anchors.astype(np.float16), NEIGHBOUR, axis=0)
    return Novelty(np.concatenate([sample, anchored]), limit)


def _columns(seen: NDArray[np.float16]) -> Embeddings:
    """float32 [dimension, texts], laid out so that a product with it is quick."""
    return np.ascontiguousarray(seen.T, dtype=np.float32)


def _distances(embeddings: Embeddings, columns: Embeddings, neighbour: int) -> Vector:
    distances = np.zeros(len(embeddings))
    for start in range(0, len(embeddings), _AT_ONCE):
        near = embeddings[start : start + _AT_ONCE] @ columns
        nearest = np.partition(near, -neighbour, axis=1)[:, -neighbour]
        distances[start : start + _AT_ONCE] = 1 - nearest
    return distances.clip(0, 2)
