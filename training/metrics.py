"""How right the labels and how honest the probabilities are, and how surely that is known."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from training.bootstrap import Interval, Weights, draw_weights, interval
from training.calibration import Marks, Vector
from training.predictions import Predictions

ECE_BINS = 10

Samples = Mapping[str, Vector]
"""By name, a score of the sample itself and of every draw from it: float64 [1 + draws]."""


class TopicMetrics(BaseModel):
    """How well one topic is told; every share is 0 to 1."""

    model_config = ConfigDict(frozen=True)

    precision: float
    recall: float
    f1: float
    average_precision: float
    """The area under the precision-recall curve."""
    ece: float
    """The expected calibration error over ten bins of equal width."""
    support: int
    """How many texts carry the topic."""
    threshold: float
    share: float | None = None
    """Of the texts, how many were given the topic; None if it was not measured."""
    mean_probability: float | None = None
    """Of the labels given; None if none was, or it was not measured."""
    intervals: dict[str, Interval] = {}
    """By the name of a share above, its 95 % interval over draws of the texts."""


class Metrics(BaseModel):
    """How well a model tells its topics on labelled texts."""

    model_config = ConfigDict(frozen=True)

    macro_f1: float
    """The mean of the topics' F1."""
    micro_f1: float
    """The F1 over all decisions together."""
    topics: dict[str, TopicMetrics]
    intervals: dict[str, Interval] = {}
    """Of `macro_f1` and `micro_f1`."""
    sources: dict[str, "Metrics"] = {}
    """The same for the texts of each source, where there are several."""


def measure(predictions: Predictions) -> Metrics:
    """The metrics of what a model said, in all and for each source."""
    found = _measure(predictions)
    parts = {name: _measure(part) for name, part in predictions.by_source().items()}
    return found.model_copy(update={"sources": parts})


def f1_samples(predictions: Predictions, weights: Weights) -> dict[str, Vector]:
    """The F1 of each topic, `macro_f1` and `micro_f1`, float64 [samples] each."""
    right = weights @ (predictions.given & predictions.targets)
    said = weights @ predictions.given.astype(np.float32)
    true = weights @ predictions.targets.astype(np.float32)
    f1 = _share(2 * right, said + true)
    return {
        **dict(zip(predictions.topics, f1.T, strict=True)),
        "macro_f1": f1.mean(axis=1),
        "micro_f1": _share(2 * right.sum(axis=1), (said + true).sum(axis=1)),
    }


def bin_of(probabilities: Vector) -> NDArray[np.intp]:
    """The bin of equal width that each probability lies in: int [texts]."""
    return np.minimum((probabilities * ECE_BINS).astype(np.intp), ECE_BINS - 1)


def expected_calibration_error(probabilities: Vector, marks: Marks, weights: Weights) -> Vector:
    """The mean gap of probability and truth over bins of equal width (Naeini et al., 2015).

    float64 [samples].
    """
    in_bin = bin_of(probabilities)[:, None] == np.arange(ECE_BINS)
    gaps = in_bin * (probabilities - marks)[:, None]
    return _share(np.abs(weights @ gaps).sum(axis=1), weights.sum(axis=1))


def average_precision(probabilities: Vector, marks: Marks, weights: Weights) -> Vector:
    """The mean precision at the rank of each text with the topic, float64 [samples].

    Texts of equal probability share a rank, as in scikit-learn.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], [True] * (len(ranked) > 0)))
    said = np.cumsum(weights[:, order], axis=1, dtype=np.float64)[:, ends]
    right = np.cumsum(weights[:, order] * marks[order], axis=1, dtype=np.float64)[:, ends]
    gained = np.diff(right, axis=1, prepend=0)
    return _share((_share(right, said) * gained).sum(axis=1), gained.sum(axis=1))


def _measure(predictions: Predictions) -> Metrics:
    weights = draw_weights(len(predictions))
    f1 = f1_samples(predictions, weights)
    overall = {name: f1[name] for name in ("macro_f1", "micro_f1")}
    return Metrics(
        macro_f1=float(overall["macro_f1"][0]),
        micro_f1=float(overall["micro_f1"][0]),
        intervals=_intervals(overall),
        topics={
            topic: _measure_topic(predictions, at, f1[topic], weights)
            for at, topic in enumerate(predictions.topics)
        },
    )


def _measure_topic(
    predictions: Predictions, topic: int, f1: Vector, weights: Weights
) -> TopicMetrics:
    probabilities = predictions.probabilities[:, topic]
    given, marks = predictions.given[:, topic], predictions.targets[:, topic]
    right = weights @ (given & marks)
    samples: Samples = {
        "precision": _share(right, weights @ given),
        "recall": _share(right, weights @ marks),
        "f1": f1,
        "average_precision": average_precision(probabilities, marks, weights),
        "ece": expected_calibration_error(probabilities, marks, weights),
    }
    return TopicMetrics(
        **{name: float(values[0]) for name, values in samples.items()},
        support=int(marks.sum()),
        threshold=float(predictions.thresholds[topic]),
        share=float(given.mean()) if len(given) else None,
        mean_probability=float(probabilities[given].mean()) if given.any() else None,
        intervals=_intervals(samples),
    )


def _intervals(samples: Samples) -> dict[str, Interval]:
    return {name: interval(values[1:]) for name, values in samples.items()}


def _share(part: NDArray[np.floating], whole: NDArray[np.floating]) -> Vector:
    """Part of whole; 0 where it would be 0 / 0."""
    shares: Vector = np.asarray(part, dtype=np.float64) / np.maximum(whole, 1e-12)
    return shares
