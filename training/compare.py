"""Tells whether one model is better than another on the same texts, or only luckier."""

import numpy as np
from pydantic import BaseModel, ConfigDict

from training.bootstrap import Interval, draw_weights, interval
from training.errors import InvalidCorpus
from training.metrics import f1_samples
from training.predictions import Predictions


class Difference(BaseModel):
    """By how much one score is higher than another."""

    model_config = ConfigDict(frozen=True)

    difference: float
    interval: Interval
    """Where the difference lies in the middle 95 of 100 draws of the texts."""
    share_better: float
    """The share of the draws in which the difference is above 0."""

    @property
    def is_worse(self) -> bool:
        """Whether the score is lower beyond what the choice of texts explains."""
        return self.interval.high < 0


class Comparison(BaseModel):
    """One model's F1 less another's."""

    model_config = ConfigDict(frozen=True)

    texts: int
    macro_f1: Difference
    topics: dict[str, Difference]


def compare(one: Predictions, other: Predictions) -> Comparison:
    """By how much `one` is better than `other`, which speaks of the same texts and topics.

    A paired bootstrap (Efron and Tibshirani, 1993): both are scored on the same draws, so that
    a hard draw is hard for both.
    """
    if one.topics != other.topics or not np.array_equal(one.targets, other.targets):
        raise InvalidCorpus(["two models can be compared on the same texts and topics alone"])
    weights = draw_weights(len(one))
    ours, theirs = f1_samples(one, weights), f1_samples(other, weights)
    differences = {name: _difference(ours[name] - theirs[name]) for name in ours}
    return Comparison(
        texts=len(one),
        macro_f1=differences["macro_f1"],
        topics={topic: differences[topic] for topic in one.topics},
    )


def _difference(samples: np.ndarray) -> Difference:
    draws = samples[1:]
    return Difference(
        difference=float(samples[0]),
        interval=interval(draws),
        share_better=float((draws > 0).mean()),
    )
