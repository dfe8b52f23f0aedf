"""From the probabilities of its passages to the labels of an article."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.arrays import Scores
from training.calibration import Marks, Vector
from training.passages import Passage

FREE_PASSAGES = 8
"""How many passages an article may have before more is asked of it; about a thousand words."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that is about a topic."""

    passage: Passage
    probability: float
    """A title has that of the passage it was read with."""


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

    distance: float | None = None
    """How unlike all that was seen in training its most familiar passage is, 0 to 2; None if
    the model does not know what it has seen, or there is no passage."""
    out_of_distribution: bool = False
    """Whether all of its passages are too unlike what was seen to be judged."""

    @property
    def topics(self) -> frozenset[str]:
        """The ids of the topics given."""
        return frozenset(label.topic for label in self.labels)


@dataclass(frozen=True)
class PassageScores:
    """What a model says of each passage."""

    probabilities: Scores
    """float64 [passages, topics]."""
    distances: Vector | None
    """How unlike all that was seen in training: float64 [passages], NaN for a passage that no
    encoder has read; None if the model does not know what it has seen."""
    limit: float
    """The distance beyond which a passage is not judged."""

    def __getitem__(self, part: slice) -> "PassageScores":
        distances = None if self.distances is None else self.distances[part]
        return PassageScores(self.probabilities[part], distances, self.limit)

    @property
    def familiar(self) -> Marks:
        """Which passages are not known to be unlike all that was seen: bool [passages]."""
        if self.distances is None:
            return np.ones(len(self.probabilities), dtype=bool)
        return ~(self.distances > self.limit)


def label_passages(
    passages: Sequence[Passage], scores: PassageScores, topics: Sequence[str], thresholds: Vector
) -> Labelling:
    """The labels of the article that the passages make up.

    An article is as probably about a topic as its most probable passage is, so that one
    paragraph is enough and many lukewarm ones are not. Of long articles more is asked, by
    `raise_thresholds`. Evidence are the passages that would earn the label alone; a passage
    unlike all that was seen earns none.

    Args:
        passages: of one article; may be empty.
        scores: what the model says of each.
        topics: the topics' ids.
        thresholds: float64 [topics].
    """
    familiar = scores.familiar
    best = scores.probabilities.max(axis=0, initial=0.0)
    judged = scores.probabilities * familiar[:, None]
    earned = judged.max(axis=0, initial=0.0)
    asked = raise_thresholds(thresholds, len(passages))
    labels = [
        Label(
            topic=topic,
            probability=float(earned[at]),
            threshold=float(asked[at]),
            evidence=_evidence(passages, judged[:, at], thresholds[at]),
        )
        for at, topic in enumerate(topics)
        if familiar.any() and earned[at] >= asked[at]
    ]
    labels.sort(key=lambda label: -label.probability)
    return Labelling(
        labels=tuple(labels),
        probabilities=dict(zip(topics, best.tolist(), strict=True)),
        distance=_nearest(scores.distances),
        out_of_distribution=bool(passages) and not familiar.any(),
    )


def raise_thresholds(thresholds: Vector, passages: int) -> Vector:
    """What an article of so many passages has to reach: float64 [topics].

    Each passage is one more chance of a wrong label, so the odds asked for grow with the number
    of passages beyond the free ones.
    """
    if passages <= FREE_PASSAGES:
        return thresholds
    odds = thresholds * passages / FREE_PASSAGES
    raised: Vector = odds / (1 - thresholds + odds)
    return raised


def _nearest(distances: Vector | None) -> float | None:
    if distances is None or np.isnan(distances).all():
        return None
    return float(np.nanmin(distances))


def _evidence(
    passages: Sequence[Passage], probabilities: Vector, threshold: float
) -> tuple[Evidence, ...]:
    found = [
        Evidence(part, float(probability))
        for passage, probability in zip(passages, probabilities, strict=True)
        if probability >= threshold
        for part in (passage, passage.title)
        if part
    ]
    return tuple(sorted(found, key=lambda evidence: -evidence.probability))
