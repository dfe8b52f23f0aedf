"""Picks the texts that a person's label would teach a model most.

Those it is least sure of, and of these not many of the same kind: the uncertain texts are
grouped, each weighing as much as it is uncertain, and the one nearest the middle of each group
is picked (Zhdanov, 2019).
"""

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from training.arrays import Embeddings, Scores
from training.calibration import Vector, log_odds

POOL = 10
"""How many uncertain texts are considered for each one picked."""


def uncertainty(probabilities: Scores, thresholds: Vector) -> Vector:
    """How near each text is to getting or losing a label, 0 to 1: float64 [texts].

    1 is a text right at a topic's threshold; the distance counts in log-odds, so that rare
    topics with low thresholds are treated as others.
    """
    distance = np.abs(log_odds(probabilities) - log_odds(thresholds))
    nearest: Vector = np.exp(-distance.min(axis=1, initial=np.inf))
    return nearest


def pick_for_review(
    probabilities: Scores, thresholds: Vector, embeddings: Embeddings, count: int, seed: int = 0
) -> NDArray[np.intp]:
    """The positions of the texts to label, the most uncertain first; at most `count`.

    Args:
        probabilities: float64 [texts, topics].
        thresholds: float64 [topics].
        embeddings: float32 [texts, dimension], unit length.
        count: how many a person has time for.
        seed: of the grouping.
    """
    unsure = uncertainty(probabilities, thresholds)
    pool = np.argsort(-unsure, kind="stable")[: POOL * count]
    if len(pool) > count:
        pool = pool[_middles(embeddings[pool], unsure[pool], count, seed)]
    return pool[np.argsort(-unsure[pool], kind="stable")]


def _middles(embeddings: Embeddings, weights: Vector, count: int, seed: int) -> NDArray[np.intp]:
    """For each of `count` groups the text nearest its middle; fewer if texts are equal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # of fewer groups than asked for
        groups = KMeans(count, n_init=1, random_state=seed)
        distances = groups.fit_transform(embeddings, sample_weight=weights)
    return np.unique(np.argmin(distances, axis=0))
