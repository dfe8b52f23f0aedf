"""From a classifier's scores to honest probabilities."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

Vector = NDArray[np.float64]
Marks = NDArray[np.bool_]

SLOPE_SPREAD = 0.5
"""How far from its prior, in natural logarithms, the slope is expected to lie."""


def fit_sigmoid(scores: Vector, marks: Marks) -> tuple[float, float]:
    """The slope and offset that turn log-odds into calibrated log-odds (Platt, 1999).

    Platt's smoothed targets, and a log-normal prior that keeps the slope near 1, hold the
    curve still where there are few examples; with many they hardly matter.

    Args:
        scores: log-odds of texts that the classifier was not fitted on, float64 [texts].
        marks: which of the texts carry the topic, bool [texts].
    """
    positives = int(marks.sum())
    negatives = len(marks) - positives
    if not positives or not negatives:
        return 1.0, 0.0
    targets = np.where(marks, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters: Vector) -> float:
        log_slope, offset = parameters
        logits = np.exp(log_slope) * scores + offset
        surprise = np.logaddexp(0, logits) - targets * logits
        return float(surprise.sum() + (log_slope / SLOPE_SPREAD) ** 2 / 2)

    log_slope, offset = minimize(loss, np.zeros(2), method="L-BFGS-B").x
    return float(np.exp(log_slope)), float(offset)


def log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of probabilities of any shape; certainty counts as one in a thousand million short of it."""
    odds: NDArray[np.float64] = logit(np.clip(probabilities, 1e-9, 1 - 1e-9))
    return odds


def sigmoid(scores: Vector, slope: float, offset: float) -> Vector:
    """Calibrated probabilities of scores, float64 [texts]."""
    probabilities: Vector = expit(slope * scores + offset)
    return probabilities
