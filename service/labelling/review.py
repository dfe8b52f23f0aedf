"""Remembers the passages that the live model was least sure of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from training.arrays import Embeddings, Scores
from training.calibration import Vector
from training.review import pick_for_review, uncertainty


@dataclass(frozen=True)
class ReviewItem:
    """A passage for a person to label."""

    text: str
    uncertainty: float
    """How near it is to getting or losing a label, 0 to 1."""
    probabilities: Vector
    """float64 [topics]."""


@dataclass(frozen=True)
class _Kept:
    item: ReviewItem
    embedding: Embeddings


class ReviewPool:
    """The least sure passages of one model, in memory alone; about `limit` of them at most."""

    def __init__(self, thresholds: Vector, limit: int) -> None:
        self._thresholds = thresholds
        self._limit = limit
        self._kept: dict[str, _Kept] = {}
        self._floor = 0.0
        self._lock = Lock()

    def offer(self, texts: Sequence[str], probabilities: Scores, embeddings: Embeddings) -> None:
        """Remembers those of the passages' texts that are among the least sure so far."""
        if not self._limit:
            return  # nothing is kept, as the settings ask
        unsure = uncertainty(probabilities, self._thresholds)
        with self._lock:
            for at in np.flatnonzero(unsure > self._floor).tolist():
                item = ReviewItem(texts[at], float(unsure[at]), probabilities[at].copy())
                self._kept[item.text] = _Kept(item, embeddings[at].copy())
            if len(self._kept) > 2 * self._limit:
                self._forget()

    @property
    def texts(self) -> list[str]:
        """What is remembered, in no order."""
        with self._lock:
            return [*self._kept]

    def pick(self, count: int, known: Collection[str]) -> list[ReviewItem]:
        """What to label next, the least sure first, without the texts that are known."""
        with self._lock:
            self._kept = {text: each for text, each in self._kept.items() if text not in known}
            self._forget()
            kept = [*self._kept.values()]
        if not kept:
            return []
        chosen = pick_for_review(
            np.stack([each.item.probabilities for each in kept]),
            self._thresholds,
            np.stack([each.embedding for each in kept]),
            count,
        )
        return [kept[at].item for at in chosen]

    def _forget(self) -> None:
        """Down to the limit; done now and then, as sorting at each offer would be slow.

        While there is room again, even a rather sure passage is worth keeping.
        """
        ranked = sorted(self._kept.values(), key=lambda each: -each.item.uncertainty)
        self._kept = {each.item.text: each for each in ranked[: self._limit]}
        full = len(ranked) > self._limit > 0
        self._floor = ranked[self._limit - 1].item.uncertainty if full else 0.0
