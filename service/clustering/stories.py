"""Puts each article into a running story, as it comes."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush, nsmallest
from math import inf, isnan, log1p, nan
from statistics import median

import numpy as np
from scipy.special import expit

from service.clustering.centres import Centres
from training.arrays import Embeddings
from training.article import Article
from training.stories.link import Link, Numbers, day_of, times_of
from training.stories.words import Weights, overlap, words_of

CANDIDATES = 24
"""An article is compared with the stories nearest to it, and with as many that share its words."""

RARE_WORDS = 8
"""Only its rarest words count for that."""

FEW_STORIES = 32
"""A word that more open stories have leads to none of them."""

PERIODS = 8
"""Of a day; times are remembered to the period."""

OPEN_DAYS = 21.0
"""A story that has had no article for so long takes no more."""

RECENT = 25
"""The present is the median day of so many articles: one with a wrong date does not move it."""


@dataclass(slots=True)
class Story:
    """What is remembered of a story to tell whether an article belongs to it."""

    number: int
    row: int
    """Of its centre."""
    weights: dict[str, float] = field(default_factory=dict)
    """The sum of its articles' word weights."""
    size: int = 0
    """How many articles it has."""
    days: Counter[float] = field(default_factory=Counter)
    """How many of them were published when, in days since 1970; without those of unknown time."""
    last_day: float = -inf
    """The latest of these; for one not known or far ahead, the present when the article came."""

    def overlap(self, weights: Weights) -> float:
        """The mean cosine of an article's words and those of the story's articles."""
        return overlap(weights, self.weights) / self.size

    def log_days(self, day: float) -> float:
        """The mean of log(1 + days) to the story's articles; NaN if nothing is known."""
        if isnan(day) or not self.days:
            return nan
        apart = sum(count * log1p(abs(day - each)) for each, count in self.days.items())
        return apart / self.days.total()


@dataclass(frozen=True, slots=True)
class Assigned:
    """The story that an article was put into."""

    story: int
    is_new: bool
    """Whether the article started it."""
    probability: float
    """That the article is of the likeliest story that was open, joined or not; 0 if none was."""


class Stories:
    """The open stories.

    An article joins the story with whose articles its mean log-odds are highest, if they are
    above 0, or else starts one. That depends on the articles before it alone, not on any clock.
    """

    def __init__(self, link: Link, dimension: int) -> None:
        self._link = link
        self._frequencies = link.count_words()
        self._centres = Centres(dimension)
        self._open: dict[int, Story] = {}
        """By row."""
        self._having: dict[str, set[int]] = {}
        """The rows of the stories that have a word."""
        self._story_of: dict[str, int] = {}
        """By the id of an article."""
        self._ends: list[tuple[float, int]] = []
        """A heap of last days, with rows; some are out of date."""
        self._recent: deque[float] = deque(maxlen=RECENT)
        """The days of the latest articles that have one."""
        self._started = 0

    def __len__(self) -> int:
        return len(self._open)

    def assign(self, article: Article, embedding: Embeddings) -> Assigned:
        """The article's story; an article whose id has come before stays where it is.

        Args:
            article: best in order of time, though it need not be.
            embedding: of it, float32 [dimension], unit length.
        """
        known = self._story_of.get(article.id) if article.id else None
        if known is not None:
            return Assigned(known, is_new=False, probability=1.0)
        words = words_of(article.text)
        self._frequencies.add(words)
        weights, day = self._frequencies.weigh(words), day_of(article.published_at)
        if not isnan(day):
            self._recent.append(day)
        present = median(self._recent) if self._recent else -inf
        self._close_old(present - OPEN_DAYS)
        likeliest, odds = self._likeliest(embedding, weights, day)
        story = likeliest if likeliest and odds > 0 else self._start()
        self._join(story, embedding, weights, day)
        is_plausible = day <= present + OPEN_DAYS  # a time that is not known is not
        story.last_day = max(story.last_day, day if is_plausible else present)
        if story.last_day > -inf:  # else no time has been known yet, and nothing is old
            heappush(self._ends, (story.last_day, story.row))
        if article.id:
            self._story_of[article.id] = story.number
        return Assigned(story.number, story is not likeliest, float(expit(odds)))

    def _likeliest(
        self, embedding: Embeddings, weights: Weights, day: float
    ) -> tuple[Story | None, float]:
        """With the log-odds that the article is of it."""
        rows = self._candidates(embedding, weights)
        if not rows:
            return None, -inf
        odds = self._link.log_odds(
            self._centres.similarities(rows, embedding),
            _numbers(self._open[row].overlap(weights) for row in rows),
            _numbers(self._open[row].log_days(day) for row in rows),
        )
        best = int(odds.argmax())
        return self._open[rows[best]], float(odds[best])

    def _candidates(self, embedding: Embeddings, weights: Weights) -> list[int]:
        rarest = sorted(weights, key=lambda word: (-weights[word], word))[:RARE_WORDS]
        shared: defaultdict[int, float] = defaultdict(float)
        for word in rarest:
            rows = self._having.get(word, ())
            if len(rows) <= FEW_STORIES:
                for row in rows:
                    shared[row] += weights[word]
        most = nsmallest(CANDIDATES, shared, key=lambda row: (-shared[row], row))
        return list(dict.fromkeys((*self._centres.nearest(embedding, CANDIDATES), *most)))

    def _start(self) -> Story:
        self._started += 1
        story = Story(self._started, self._centres.take())
        self._open[story.row] = story
        return story

    def _join(self, story: Story, embedding: Embeddings, weights: Weights, day: float) -> None:
        self._centres.add(story.row, embedding)
        for word, weight in weights.items():
            self._having.setdefault(word, set()).add(story.row)
            story.weights[word] = story.weights.get(word, 0.0) + weight
        story.size += 1
        if not isnan(day):
            story.days[round(day * PERIODS) / PERIODS] += 1

    def _close_old(self, first_day: float) -> None:
        while self._ends and self._ends[0][0] < first_day:
            _, row = heappop(self._ends)
            story = self._open.get(row)
            if story and story.last_day < first_day:
                self._close(story)

    def _close(self, story: Story) -> None:
        del self._open[story.row]
        self._centres.give_back(story.row)
        for word in story.weights:
            self._having[word].discard(story.row)
            if not self._having[word]:
                del self._having[word]


def in_order_of_time(articles: Sequence[Article]) -> list[int]:
    """Their positions as a stream would bring them; those without a time last, as they stand."""
    days = times_of([article.published_at for article in articles])
    order: list[int] = np.argsort(days, kind="stable").tolist()
    return order


def _numbers(values: Iterable[float]) -> Numbers:
    return np.fromiter(values, dtype=np.float32)
