"""Puts each article into a running story, as it comes."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, nsmallest
from math import inf, isnan
from statistics import median

import numpy as np
from scipy.special import expit

from service.clustering.centres import Centres
from service.clustering.story import Reading, Story
from training.arrays import Embeddings
from training.article import Article
from training.stories.joining import Numbers
from training.stories.link import Link, day_of, times_of
from training.stories.words import Weights, count_words

CANDIDATES = 24
"""An article is compared with the stories nearest to it, and with as many that share its words."""

RARE_WORDS = 8
"""Only its rarest words count for that."""

FEW_STORIES = 32
"""A word that more open stories have leads to none of them."""

OPEN_DAYS = 21.0
"""A story that has had no article for so long takes no more."""

RECENT = 25
"""The present is the median day of so many articles: one with a wrong date does not move it."""

MOST_OPEN = 200_000
"""Of more stories, that without an article for longest is closed: times may not be known."""


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

    An article joins the story that it is likeliest of, by its mean log-odds with the articles of
    that story and their number, or starts one if it is likely of none. That depends on the articles
    before it alone, not on any clock.
    """

    def __init__(self, link: Link, dimension: int) -> None:
        self._link = link
        self._frequencies = link.count_words()
        self._centres = Centres(dimension)
        self._open: dict[int, Story] = {}
        """By number, that without an article for longest first."""
        self._by_row: dict[int, Story] = {}
        self._having: dict[str, set[int]] = {}
        """The rows of the stories that have a word."""
        self._ends: list[tuple[float, int]] = []
        """A heap of last days, with numbers; some are out of date."""
        self._recent: deque[float] = deque(maxlen=RECENT)
        """The days of the latest articles that have one."""
        self._started = 0
        self._closed: list[int] = []

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, number: int) -> bool:
        return number in self._open

    def __getitem__(self, number: int) -> Story:
        return self._open[number]

    def read(self, article: Article, embedding: Embeddings) -> Reading:
        """What to compare the article by.

        Args:
            article: any.
            embedding: of it, float32 [dimension], unit length.
        """
        counts = count_words(article.text)
        weights = self._frequencies.weigh(counts, is_new=True)
        return Reading(embedding, tuple(counts), weights, day_of(article.published_at))

    def assign(self, reading: Reading) -> Assigned:
        """The article's story; articles come best in order of time, though they need not."""
        self._see(reading.day)
        rows = self._candidates(reading.embedding, reading.weights)
        odds = self._mean_odds(
            rows,
            reading.embedding,
            lambda story: story.overlap(reading.weights),
            lambda story: story.log_days(reading.day),
        )
        joined = self._joined(rows, odds, 1)
        likeliest = self._by_row[rows[int(joined.argmax())]] if rows else None
        highest = float(joined.max(initial=-inf))
        number = likeliest.number if likeliest and highest > 0 else self._started + 1
        self._take(reading, number)
        return Assigned(number, highest <= 0, float(expit(highest)))

    def follow(self, reading: Reading, number: int) -> None:
        """Takes what was assigned elsewhere: the article is of that story, open or new."""
        self._see(reading.day)
        self._take(reading, number)

    def overhear(self, reading: Reading) -> None:
        """Learns its words and its day from an article, but not its story."""
        self._see(reading.day)
        self._frequencies.add(reading.words)

    def nearest_other(self, number: int) -> tuple[int, float]:
        """The open story of highest mean log-odds with this one, which average linkage would try.

        And the log-odds that the two are one; 0 and minus infinity if there is no other.
        """
        story = self._open[number]
        mean = self._centres.mean(story.row)
        rows = [row for row in self._candidates(mean, story.weights) if row != story.row]
        if not rows:
            return 0, -inf
        odds = self._mean_odds(
            rows, mean, lambda each: each.overlap_of(story), lambda each: each.log_days_of(story)
        )
        nearest = int(odds.argmax())
        joined = self._joined(rows, odds, story.size)
        return self._by_row[rows[nearest]].number, float(joined[nearest])

    def put(self, number: int, readings: Iterable[Reading], last_day: float) -> None:
        """Opens a story whose articles were counted before; in the order that they came."""
        self.forget(number)
        self._started = max(self._started, number)
        story = self._open_story(number)
        for reading in readings:
            self._join(story, reading)
        self._touch(story, last_day)

    def forget(self, number: int) -> None:
        """Closes the story, if it is open."""
        if story := self._open.pop(number, None):
            self._closed.append(number)
            del self._by_row[story.row]
            self._centres.give_back(story.row)
            for word in story.weights:
                self._having[word].discard(story.row)
                if not self._having[word]:
                    del self._having[word]

    def take_closed(self) -> list[int]:
        """The numbers of the stories that were closed since this was last asked."""
        closed, self._closed = self._closed, []
        return [number for number in closed if number not in self._open]

    def count(self, articles: int, words: Counter[str]) -> None:
        """Knows of words of articles that came before."""
        self._frequencies.articles += articles
        self._frequencies.counts.update(words)

    def remember(self, days: Iterable[float], started: int) -> None:
        """Goes on where the days of the latest articles were these, and so many stories started."""
        self._recent.extend(days)
        self._started = started

    @property
    def _present(self) -> float:
        return median(self._recent) if self._recent else -inf

    def _see(self, day: float) -> None:
        """The time goes on to that of an article."""
        if not isnan(day):
            self._recent.append(day)
        first = self._present - OPEN_DAYS
        while self._ends and self._ends[0][0] < first:
            _, number = heappop(self._ends)
            if number in self._open and self._open[number].last_day < first:
                self.forget(number)

    def _take(self, reading: Reading, number: int) -> None:
        self._frequencies.add(reading.words)
        self._started = max(self._started, number)
        story = self._open.get(number) or self._open_story(number)
        self._join(story, reading)
        present = self._present
        is_plausible = reading.day <= present + OPEN_DAYS  # a time that is not known is not
        self._touch(story, max(story.last_day, reading.day if is_plausible else present))
        if len(self._open) > MOST_OPEN:
            self.forget(next(iter(self._open)))

    def _mean_odds(
        self,
        rows: Sequence[int],
        embedding: Embeddings,
        overlap: Callable[[Story], float],
        log_days: Callable[[Story], float],
    ) -> Numbers:
        """The mean log-odds with the articles of each story."""
        stories = [self._by_row[row] for row in rows]
        return self._link.log_odds(
            self._centres.similarities(rows, embedding),
            _numbers(map(overlap, stories)),
            _numbers(map(log_days, stories)),
        )

    def _joined(self, rows: Sequence[int], odds: Numbers, size: int) -> Numbers:
        """The log-odds that so many articles of these mean log-odds are of each story."""
        sizes = _numbers(self._by_row[row].size for row in rows)
        return self._link.joining.log_odds(odds, np.full_like(sizes, size), sizes)

    def _candidates(self, embedding: Embeddings, weights: Weights) -> list[int]:
        """The rows of the stories to compare with, the oldest story first."""
        rarest = nsmallest(RARE_WORDS, weights, key=lambda word: (-weights[word], word))
        shared: defaultdict[int, float] = defaultdict(float)
        for word in rarest:
            rows = self._having.get(word, ())
            if len(rows) <= FEW_STORIES:
                for row in rows:
                    shared[row] += weights[word]
        most = nsmallest(
            CANDIDATES, shared, key=lambda row: (-shared[row], self._by_row[row].number)
        )
        rows = {*self._centres.nearest(embedding, CANDIDATES), *most}
        return sorted(rows, key=lambda row: self._by_row[row].number)

    def _open_story(self, number: int) -> Story:
        story = Story(number, self._centres.take())
        self._open[number] = self._by_row[story.row] = story
        return story

    def _join(self, story: Story, reading: Reading) -> None:
        self._centres.add(story.row, reading.embedding)
        for word in reading.weights:
            self._having.setdefault(word, set()).add(story.row)
        story.add(reading)

    def _touch(self, story: Story, last_day: float) -> None:
        """The story has had an article just now."""
        story.last_day = last_day
        self._open[story.number] = self._open.pop(story.number)
        if last_day > -inf:  # else no time has been known yet, and nothing is old
            heappush(self._ends, (last_day, story.number))


def in_order_of_time(articles: Sequence[Article]) -> list[int]:
    """Their positions as a stream would bring them; those without a time last, as they stand."""
    days = times_of([article.published_at for article in articles])
    order: list[int] = np.argsort(days, kind="stable").tolist()
    return order


def _numbers(values: Iterable[float]) -> Numbers:
    return np.fromiter(values, dtype=np.float32)
