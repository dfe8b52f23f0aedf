"""What is remembered of a story to tell whether an article belongs to it."""

from collections import Counter
from dataclasses import dataclass, field
from heapq import nsmallest
from math import inf, isnan, log1p, nan

from training.arrays import Embeddings
from training.stories.words import Weights, Words, overlap

PERIODS = 8
"""Of a day; times are remembered to the period."""

TERMS = 5
"""How many words tell what a story is of."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an article is compared by."""

    embedding: Embeddings
    """float32 [dimension], unit length."""
    words: Words
    weights: Weights
    """Of those of its words that told anything when it came."""
    day: float
    """Since 1970; NaN if its time is not known."""


@dataclass(slots=True)
class Story:
    """Sums over its articles; the centre is kept elsewhere, with those of the others."""

    number: int
    row: int
    """Of its centre."""
    weights: dict[str, float] = field(default_factory=dict)
    size: int = 0
    """How many articles it has."""
    days: Counter[float] = field(default_factory=Counter)
    """How many of them were published when, in days since 1970; without those of unknown time."""
    last_day: float = -inf
    """The latest of these; for one not known or far ahead, the present when the article came."""

    def add(self, reading: Reading) -> None:
        """One more article."""
        for word, weight in reading.weights.items():
            self.weights[word] = self.weights.get(word, 0.0) + weight
        self.size += 1
        if not isnan(reading.day):
            self.days[round(reading.day * PERIODS) / PERIODS] += 1

    def overlap(self, weights: Weights) -> float:
        """The mean cosine of an article's words and those of the story's articles."""
        return overlap(weights, self.weights) / self.size

    def log_days(self, day: float) -> float:
        """The mean of log(1 + days) to the story's articles; NaN if nothing is known."""
        if isnan(day) or not self.days:
            return nan
        apart = sum(count * log1p(abs(day - each)) for each, count in self.days.items())
        return apart / self.days.total()

    def overlap_of(self, other: "Story") -> float:
        """The mean cosine of the words of its articles and of another story's."""
        few, many = sorted((self.weights, other.weights), key=len)
        return overlap(few, many) / (self.size * other.size)

    def log_days_of(self, other: "Story") -> float:
        """The mean of log(1 + days) between its articles and another story's; NaN as above."""
        if not other.days:
            return nan
        apart = sum(count * self.log_days(day) for day, count in other.days.items())
        return apart / other.days.total()

    @property
    def terms(self) -> list[str]:
        """The words that tell most about it, the most telling first."""
        weights = self.weights
        words = (word for word in weights if not word.isdigit())
        return nsmallest(TERMS, words, key=lambda word: (-weights[word], word))
