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

Weights = Mapping[str, float]
"""How much each word tells; the squares add up to 1 unless no word tells anything."""


def words_of(text: str) -> Words:
    """The different words of a text, in lower case; of any language."""
    text = text.lower()
    if text.isascii():
        return tuple(sorted(set(_ASCII_WORD.findall(text))))
    found: set[str] = set()
    for word in set(_WORD.findall(text)):
        if len(word) > 1 and _UNSPACED.match(word):
            found.update(word[at : at + 2] for at in range(len(word) - 1))
        else:
            found.add(word)
    return tuple(sorted(found))


class Frequencies:
    """In how many articles each word has occurred so far."""

    def __init__(self, articles: int = 0, counts: Mapping[str, int] | None = None) -> None:
        self.articles = articles
        self.counts = Counter(counts or {})

    def add(self, words: Words) -> None:
        """Counts one more article."""
        self.articles += 1
        self.counts.update(words)

    def weigh_all(self, articles: Sequence[Words]) -> list[Weights]:
        """The weights of each of the articles, which are all counted first."""
        for words in articles:
            self.add(words)
        return [self.weigh(words) for words in articles]

    def weigh(self, words: Words, *, is_new: bool = False) -> Weights:
        """Inverse document frequency (Spärck Jones, 1972), sharpened; common words left out.

        Args:
            words: of an article.
            is_new: whether the article has not been added, and is to be counted all the same.
        """
        articles = self.articles + is_new
        most = COMMON * articles
        known = ((word, self.counts.get(word, 0) + is_new) for word in words)
        rarity = {
            word: log((1 + articles) / (1 + count)) ** SHARPNESS
            for word, count in known
            if count <= max(most, 1)
        }
        length = sqrt(sum(each * each for each in rarity.values()))
        return {word: each / length for word, each in rarity.items()} if length else {}


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
