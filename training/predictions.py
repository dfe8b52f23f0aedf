"""What a model said of labelled texts, beside the labels that they carry."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.arrays import Flags, Scores
from training.calibration import Vector

FEWEST_OF_A_SOURCE = 10


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """Probabilities and labels of texts whose labels are known."""

    topics: tuple[str, ...]
    """The ids of the columns."""
    probabilities: Scores
    """float64 [texts, topics]."""
    given: Flags
    """The labels that the model gave: bool [texts, topics]."""
    targets: Flags
    """The labels that the texts carry: bool [texts, topics]."""
    thresholds: Vector
    """The probability from which each topic is given: float64 [topics]."""
    sources: tuple[str, ...] = ()
    """Where each text comes from; empty if that is not known."""

    def __len__(self) -> int:
        return len(self.targets)

    def chosen(self, texts: Sequence[int] | NDArray[np.intp]) -> "Predictions":
        """Those of the texts at these positions."""
        at = np.asarray(texts, dtype=np.intp)
        return replace(
            self,
            probabilities=self.probabilities[at],
            given=self.given[at],
            targets=self.targets[at],
            sources=tuple(self.sources[position] for position in at) if self.sources else (),
        )

    def of_topics(self, topics: Sequence[str]) -> "Predictions":
        """Those of some of the topics."""
        at = [self.topics.index(topic) for topic in topics]
        return replace(
            self,
            topics=tuple(topics),
            probabilities=self.probabilities[:, at],
            given=self.given[:, at],
            targets=self.targets[:, at],
            thresholds=self.thresholds[at],
        )

    def by_source(self) -> dict[str, "Predictions"]:
        """Those of each source, in order of name; none if all are of one.

        Sources of so few texts that a score would say nothing are left out.
        """
        sources = np.array(self.sources)
        sizes = Counter(self.sources)
        if len(sizes) < 2:  # noqa: PLR2004 - a single source tells nothing apart
            return {}
        names = sorted(name for name, size in sizes.items() if size >= FEWEST_OF_A_SOURCE)
        return {name: self.chosen(np.flatnonzero(sources == name)) for name in names}
