"""How right the labels and how honest the probabilities are."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict
from sklearn.metrics import average_precision_score

from training.arrays import Flags, Scores
from training.calibration import Marks, Vector

ECE_BINS = 10


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


class Metrics(BaseModel):
    """How well a model tells its topics on labelled texts."""

    model_config = ConfigDict(frozen=True)

    macro_f1: float
    """The mean of the topics' F1."""
    micro_f1: float
    """The F1 over all decisions together."""
    topics: dict[str, TopicMetrics]


def measure(
    topic_ids: Sequence[str],
    probabilities: Scores,
    given: Flags,
    targets: Flags,
    thresholds: Vector,
) -> Metrics:
    """The metrics of labels given to texts whose labels are known.

    Args:
        topic_ids: the columns of the arrays.
        probabilities: float64 [texts, topics].
        given: the labels the model gave, bool [texts, topics].
        targets: the labels the texts carry, bool [texts, topics].
        thresholds: float64 [topics].
    """
    topics = {
        topic: _measure_topic(probabilities[:, at], given[:, at], targets[:, at], thresholds[at])
        for at, topic in enumerate(topic_ids)
    }
    return Metrics(
        macro_f1=float(np.mean([topic.f1 for topic in topics.values()])),
        micro_f1=_precision_recall_f1(given.ravel(), targets.ravel())[2],
        topics=topics,
    )


def expected_calibration_error(probabilities: Vector, marks: Marks, bins: int = ECE_BINS) -> float:
    """The mean gap of probability and truth over bins of equal width (Naeini et al., 2015)."""
    bin_of = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, weights=probabilities - marks, minlength=bins)
    return float(np.abs(gaps).sum() / max(len(marks), 1))


def _measure_topic(
    probabilities: Vector, given: Marks, marks: Marks, threshold: float
) -> TopicMetrics:
    precision, recall, f1 = _precision_recall_f1(given, marks)
    return TopicMetrics(
        precision=precision,
        recall=recall,
        f1=f1,
        average_precision=average_precision_score(marks, probabilities) if marks.any() else 0.0,
        ece=expected_calibration_error(probabilities, marks),
        support=int(marks.sum()),
        threshold=threshold,
    )


def _precision_recall_f1(given: Marks, marks: Marks) -> tuple[float, float, float]:
    """The three shares; each is 0 where it would be 0 / 0."""
    right, said, true = (given & marks).sum(), given.sum(), marks.sum()
    return (
        float(right / max(said, 1)),
        float(right / max(true, 1)),
        float(2 * right / max(said + true, 1)),
    )
