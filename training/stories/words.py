"""The words that tell a story from others: the rarer, the more they tell."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log, sqrt

import numpy as np
from scipy.sparse import csr_array

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Thai, Lao, Burmese, Khmer, kana and Han: written without spaces, read as pairs of characters."""

_WORD = re.compile(rf"[{UNSPACED}]+|(?:(?![{UNSPACED}_])\w)+(?:['’](?:(?![{UNSPACED}_])\w)+)*")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
"""Finds the same in ASCII, many times faster."""

COMMON = 0.1
"""A word in a larger share of all articles tells nothing."""

SHARPNESS = 1.5
"""The power of a word's rarity; with more, the rarest words alone decide."""

Words = tuple[str, ...]
"""The different words of an article, sorted."""

Counts = Mapping[str, int]
"""How often each of these occurs in it, in the same order."""

Weights = Mapping[str, float]
"""How much each word tells; the squares add up to 1 unless no word tells anything."""


def words_of(text: str) -> Words:
    """The different words of a text, in lower case; of any language."""
    return tuple(count_words(text))


def count_words(text: str) -> Counts:
    """How often each of them occurs."""
    text = text.lower()
    if text.isascii():
        return _in_order(Counter(_ASCII_WORD.findall(text)))
    found: Counter[str] = Counter()
    for word, times in Counter(_WORD.findall(text)).items():
        if len(word) > 1 and _UNSPACED.match(word):
            for at in range(len(word) - 1):
                found[word[at : at + 2]] += times
        else:
            found[word] += times
    return _in_order(found)


def _in_order(counts: Counter[str]) -> Counts:
    return dict(sorted(counts.items()))


class Frequencies:
    """In how many articles each word has occurred so far."""

    def __init__(self, articles: int = 0, counts: Mapping[str, int] | None = None) -> None:
        self.articles = articles
        self.counts = Counter(counts or {})

    def add(self, words: Words) -> None:
        """Counts one more article."""
        self.articles += 1
        self.counts.update(words)

    def weigh_all(self, articles: Sequence[Counts]) -> list[Weights]:
        """The weights of each of the articles, which are all counted first."""
        for counts in articles:
            self.add(tuple(counts))
        return [self.weigh(counts) for counts in articles]

    def weigh(self, counts: Counts, *, is_new: bool = False) -> Weights:
        """How rare a word is in all articles, sharpened, and how often it is in this one.

        Inverse document frequency (Spärck Jones, 1972) and the logarithm of the term's own
        (Salton and Buckley, 1988); common words are left out.

        Args:
            counts: of an article.
            is_new: whether the article has not been added, and is to be counted all the same.
        """
        articles = self.articles + is_new
        most = COMMON * articles
        known = ((word, times, self.counts.get(word, 0) + is_new) for word, times in counts.items())
        weights = {
            word: log((1 + articles) / (1 + count)) ** SHARPNESS * (1 + log(times))
            for word, times, count in known
            if count <= max(most, 1)
        }
        length = sqrt(sum(each * each for each in weights.values()))
        return {word: each / length for word, each in weights.items()} if length else {}


def overlap(one: Weights, other: Weights) -> float:
    """The cosine of two articles' words, 0 to 1; the sum of them where the other is a sum."""
    return sum(weight * other[word] for word, weight in one.items() if word in other)


def stack(articles: Iterable[Weights]) -> csr_array:
    """A row for each article and a column for each word: float32, sparse."""
    columns: dict[str, int] = {}
    rows: Sequence[Weights] = list(articles)
    at = [columns.setdefault(word, len(columns)) for row in rows for word in row]
    weights = np.array([weight for row in rows for weight in row.values()], dtype=np.float32)
    starts = np.cumsum([0, *map(len, rows)])
    return csr_array((weights, at, starts), shape=(len(rows), max(1, len(columns))))
