"""A model's student: it reads far faster than the encoder, and clears what carries no topic.

It gives probabilities as the model does. Below a topic's limit a passage does not carry the topic;
a passage below all limits is clear, and no other can be told by the student. The limits are
chosen in training on passages held out; in long articles, where each passage is one more chance to
miss a topic, they are lower.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.arrays import Flags, Scores
from training.calibration import Marks, Vector

FEWEST_SEEN = 20
"""Held-out passages with a topic that its limit is chosen on; with fewer, nothing is clear."""


CAUTION = 0.25
"""The power of an article's number of passages that the limits are divided by."""


@dataclass(frozen=True)
class Student:
    """What a network has learnt of a model, and where it may be trusted."""

    weights: Mapping[str, NDArray[np.float32]]
    """Of `training.distil`'s network, by name."""
    limits: Vector
    """Below it a passage does not carry the topic: float64 [topics]."""

    def is_clear(self, probabilities: Scores, counts: Sequence[int]) -> Marks:
        """Which passages carry no topic: bool [passages].

        Args:
            probabilities: the student's, of the passages of several articles in order.
            counts: how many passages each article has.
        """
        together = np.repeat(counts, counts).astype(np.float64)
        limits = self.limits / together[:, None] ** CAUTION
        clear: Marks = np.all(probabilities < limits, axis=1)
        return clear


def pick_limits(scores: Scores, marks: Flags, most_wrong: float) -> Vector:
    """The highest limits below which no more than so many passages carry a topic.

    Args:
        scores: the student's probabilities of passages that it has not seen, [passages, topics].
        marks: which of them carry which topic by the model, bool [passages, topics].
        most_wrong: the share of the passages that may be clear although they carry a topic.
    """
    best = _limits(scores, marks, 0)
    for given_up in range(1, len(scores) + 1):
        limits = _limits(scores, marks, given_up)
        wrong = (scores < limits).all(axis=1) & marks.any(axis=1)
        if wrong.mean() > most_wrong or (limits == best).all():
            break
        best = limits
    return best


def _limits(scores: Scores, marks: Flags, given_up: int) -> Vector:
    """For each topic the score that so many passages with it are below."""
    return np.array(
        [_limit(own[mark], given_up) for own, mark in zip(scores.T, marks.T, strict=True)]
    )


def _limit(scores: Vector, given_up: int) -> float:
    if len(scores) < FEWEST_SEEN:
        return 0.0
    last = min(given_up, len(scores) - 1)
    return float(np.partition(scores, last)[last])
