"""The probability from which a topic is given.

Thresholds are picked by what the calibrated probabilities of held-out texts lead to expect:
giving a topic to a set of texts is expected to be right as often as their probabilities sum to
(Lipton et al., 2014). Unlike a count on the same few texts, this is smooth, so that one odd text
does not move the threshold.
"""

from dataclasses import dataclass

import numpy as np

from training.calibration import Vector


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What a topic's threshold is to reach; without either target, the highest F1."""

    precision: float | None = None
    recall: float | None = None


def pick_threshold(probabilities: Vector, aim: Aim) -> float:
    """The threshold that is expected to reach the aim.

    Args:
        probabilities: calibrated, float64 [texts], at least one.
        aim: for a precision, the lowest threshold that reaches it; for a recall, the highest.
            A precision that no text promises is its own threshold.
    """
    ranked = np.sort(probabilities)[::-1]
    counts = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], values=True)) + 1
    right = np.cumsum(ranked)[counts - 1]
    if aim.precision is not None:
        reached = int((right / counts >= aim.precision).sum())
        return _between(ranked, counts[reached - 1]) if reached else aim.precision
    if aim.recall is not None:
        return _between(ranked, counts[np.argmax(right >= aim.recall * right[-1])])
    return _between(ranked, counts[np.argmax(2 * right / (right[-1] + counts))])


def _between(ranked: Vector, count: int) -> float:
    """Halfway between the last that is given the topic and the first that is not."""
    below = ranked[count] if count < len(ranked) else 0.0
    return float((ranked[count - 1] + below) / 2)
