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


def distinctive_terms(
    texts: Sequence[str], groups: NDArray[np.intp], most: int = TERMS
) -> list[list[str]]:
    """The terms of each group, most distinctive first; fewer than `most` where words are few.

    Scored by class-based tf-idf (Grootendorst, 2022): how often a group uses a term, times how
    rarely all groups do. A word already told as part of a longer term is not told again.

    Args:
        texts: of the articles.
        groups: the group of each article, int [articles], numbered from 0.
        most: how many terms to name for a group.
    """
    vectorizer = CountVectorizer(stop_words="english", ngram_range=(1, 2), token_pattern=WORD)
    try:
        counts = vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn's answer to texts without a single word
        return [[] for _ in range(int(groups.max()) + 1)]
    vocabulary = vectorizer.get_feature_names_out()
    ones = np.ones(len(groups), dtype=np.int64)
    membership = csr_array((ones, (groups, np.arange(len(groups)))))
    per_group = membership @ csr_array(counts)
    idf = np.log(1 + per_group.sum() / per_group.shape[0] / per_group.sum(axis=0))
    rows = pairwise(per_group.indptr)
    found = ((per_group.indices[a:b], per_group.data[a:b]) for a, b in rows)
    return [_best(vocabulary[terms], times * idf[terms], most) for terms, times in found]


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
