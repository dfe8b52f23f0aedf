"""From the probabilities of its passages to the labels of an article."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.arrays import Scores
from training.calibration import Vector
from training.passages import Passage


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that is about a topic."""

    passage: Passage
    probability: float


@dataclass(frozen=True, slots=True)
class Label:
    """A topic given to an article, with the passages that earned it, most probable first."""

    topic: str
    probability: float
    threshold: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Labelling:
    """What one article is about."""

    labels: tuple[Label, ...]
    """The topics given, most probable first."""
    probabilities: dict[str, float]
    """Of every topic, in the taxonomy's order."""

    @property
    def topics(self) -> frozenset[str]:
        """The ids of the topics given."""
        return frozenset(label.topic for label in self.labels)


def label_passages(
    passages: Sequence[Passage], probabilities: Scores, topics: Sequence[str], thresholds: Vector
) -> Labelling:
    """The labels of the article that the passages make up.

    An article is as probably about a topic as its most probable passage is, so that one
    paragraph is enough and many lukewarm ones are not. Evidence are the passages that
    would earn the label alone.

    Args:
        passages: of one article; may be empty.
        probabilities: float64 [passages, topics].
        topics: the topics' ids.
        thresholds: float64 [topics].
    """
    best = probabilities.max(axis=0, initial=0.0)
    labels = [
        Label(
            topic=topic,
            probability=float(best[at]),
            threshold=float(thresholds[at]),
            evidence=_evidence(passages, probabilities[:, at], thresholds[at]),
        )
        for at, topic in enumerate(topics)
        if passages and best[at] >= thresholds[at]
    ]
    labels.sort(key=lambda label: -label.probability)
    return Labelling(tuple(labels), dict(zip(topics, best.tolist(), strict=True)))


def _evidence(
    passages: Sequence[Passage], probabilities: Vector, threshold: float
) -> tuple[Evidence, ...]:
    found = [
        Evidence(passage, float(probability))
        for passage, probability in zip(passages, probabilities, strict=True)
        if probability >= threshold
    ]
    return tuple(sorted(found, key=lambda evidence: -evidence.probability))
