"""How far a score might have come out otherwise, had the texts been others of their kind.

Texts are drawn with replacement (Efron, 1979). A draw is kept as how often it has each text, so
that a score of all draws is a product of matrices and the texts themselves are never copied.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.calibration import Vector

DRAWS = 1000
FEWEST_DRAWS = 200
MOST_COUNTS = 20_000_000
"""Fewer draws of many texts, to bound memory; their scores hardly differ from draw to draw."""

CONFIDENCE = 0.95

Weights = NDArray[np.float32]
"""How often each draw has each text: float32 [draws, texts]."""


class Interval(NamedTuple):
    """Where a score lies in the middle 95 of 100 draws."""

    low: float
    high: float


def draw_weights(texts: int, seed: int = 0, draws: int = DRAWS) -> Weights:
    """The sample as it is in the first row, and below it as many draws from it."""
    draws = min(draws, max(FEWEST_DRAWS, MOST_COUNTS // max(texts, 1)))
    shares = np.full(max(texts, 1), 1 / max(texts, 1))
    counts = np.random.default_rng(seed).multinomial(texts, shares, size=draws)[:, :texts]
    return np.concatenate([np.ones((1, texts)), counts]).astype(np.float32)


def interval(scores: Vector) -> Interval:
    """The percentile interval of the scores of the draws, float64 [draws]."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(scores, [tail, 1 - tail])
    return Interval(float(low), float(high))
