"""Names groups by the terms that set them apart."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer

TERMS = 5

WORD = r"(?u)\b(?=\w*[^\W\d_])\w\w+\b"
"""Of two characters or more, one of them a letter: a lone number names nothing."""


class Terms:
    """The terms of some texts, counted once however they are grouped then."""

    def __init__(self, texts: Sequence[str]) -> None:
        vectorizer = CountVectorizer(stop_words="english", ngram_range=(1, 2), token_pattern=WORD)
        try:
            self._counts = csr_array(vectorizer.fit_transform(texts))
            self._vocabulary = vectorizer.get_feature_names_out()
        except ValueError:  # scikit-learn's answer to texts without a single word
            self._counts = csr_array((len(texts), 0), dtype=np.int64)
            self._vocabulary = np.empty(0, dtype=object)

    def distinctive(self, groups: NDArray[np.intp], most: int = TERMS) -> list[list[str]]:
        """The terms of each group, most distinctive first; fewer than `most` where words are few.

        Scored by class-based tf-idf (Grootendorst, 2022): how often a group uses a term, times
        how rarely all groups do. A word already told as part of a longer term is not told again.

        Args:
            groups: the group of each text, int [texts], numbered from 0.
            most: how many terms to name for a group.
        """
        ones = np.ones(len(groups), dtype=np.int64)
        per_group = csr_array((ones, (groups, np.arange(len(groups))))) @ self._counts
        idf = np.log(1 + per_group.sum() / per_group.shape[0] / per_group.sum(axis=0))
        rows = pairwise(per_group.indptr)
        found = ((per_group.indices[a:b], per_group.data[a:b]) for a, b in rows)
        return [_best(self._vocabulary[at], times * idf[at], most) for at, times in found]


def _best(terms: NDArray[np.object_], scores: NDArray[np.float64], most: int) -> list[str]:
    # A bigram comes before its words, which it scores as high as where they only come together.
    ranked = sorted(zip(terms, scores, strict=True), key=lambda it: (-it[1], -len(it[0]), it[0]))
    chosen: list[str] = []
    for term, _ in ranked:
        words = set(term.split())
        if not any(words & set(other.split()) for other in chosen):
            chosen.append(str(term))
        if len(chosen) == most:
            break
    return chosen
