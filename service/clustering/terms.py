"""Names groups by the terms that set them apart."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

TERMS = 5


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
    vectorizer = CountVectorizer(stop_words="english", ngram_range=(1, 2), lowercase=True)
    try:
        counts = vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn's answer to texts without a single word
        return [[] for _ in range(int(groups.max()) + 1)]
    vocabulary = vectorizer.get_feature_names_out()
    membership = np.arange(int(groups.max()) + 1)[:, None] == groups
    per_group = membership.astype(np.int64) @ counts
    idf = np.log(1 + per_group.sum() / len(per_group) / per_group.sum(axis=0))
    return [_best(vocabulary, row, idf, most) for row in per_group]


def _best(
    vocabulary: NDArray[np.object_], counts: NDArray[np.int64], idf: NDArray[np.float64], most: int
) -> list[str]:
    scores = counts / max(counts.sum(), 1) * idf
    # A bigram comes before its words, which it scores as high as where they only come together.
    candidates = sorted(
        np.flatnonzero(counts), key=lambda at: (-scores[at], -len(vocabulary[at]), vocabulary[at])
    )
    chosen: list[str] = []
    for at in candidates:
        words = set(vocabulary[at].split())
        if not any(words & set(term.split()) for term in chosen):
            chosen.append(str(vocabulary[at]))
        if len(chosen) == most:
            break
    return chosen
