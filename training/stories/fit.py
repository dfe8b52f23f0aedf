"""Fits a link on articles whose stories are known."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from training.arrays import Embeddings
from training.calibration import Marks
from training.errors import InvalidCorpus
from training.stories.link import Link, Numbers, Weights, log_days, times_of
from training.stories.told import ToldArticle
from training.stories.words import Frequencies, stack, words_of

NEIGHBOURS = 30
"""Each article is compared with the ones most like it: the others are never mistaken for it."""

AT_ONCE = 512
"""Articles whose neighbours are looked for together."""

STRENGTH = 10.0
"""The inverse of the L2 penalty, scikit-learn's `C`."""

FEWEST_TIMES = 3
"""A word in fewer articles is not remembered; what is not remembered is rare."""


class _Pairs(NamedTuple):
    similarity: Numbers
    overlap: Numbers
    log_days: Numbers
    same: Marks


def fit_link(
    told: Sequence[ToldArticle],
    embeddings: Embeddings,
    encoder: str,
) -> Link:
    """A link; the same input gives the same one.

    Args:
        told: articles and their stories; some stories must have several articles.
        embeddings: of the articles, float32 [articles, dimension], unit length.
        encoder: the name of what made them.
    """
    frequencies = Frequencies()
    words = [words_of(f"{each.title}\n{each.body}") for each in told]
    for each in words:
        frequencies.add(each)
    pairs = _compare(told, embeddings, words, frequencies)
    if len(set(pairs.same.tolist())) < 2:  # noqa: PLR2004 - both answers must occur
        raise InvalidCorpus(["the stories: at least two must have several articles each"])
    return Link(
        dated=_fit(pairs, dated=True),
        undated=_fit(pairs, dated=False),
        encoder=encoder,
        articles=len(told),
        stories=len({each.story for each in told}),
        frequencies={
            word: count
            for word, count in sorted(frequencies.counts.items())
            if count >= FEWEST_TIMES
        },
    )


def _compare(
    told: Sequence[ToldArticle],
    embeddings: Embeddings,
    words: Sequence[tuple[str, ...]],
    frequencies: Frequencies,
) -> _Pairs:
    """Each article with its neighbours."""
    weights = stack(frequencies.weigh(each) for each in words)
    times = times_of([each.published_at for each in told])
    story = np.unique([each.story for each in told], return_inverse=True)[1]
    found: list[_Pairs] = []
    for start in range(0, len(told), AT_ONCE):
        rows = np.arange(start, min(start + AT_ONCE, len(told)))
        similarity = embeddings[rows] @ embeddings.T
        overlap = (weights[rows] @ weights.T).toarray()
        near = _nearest(similarity + overlap, rows)
        found.append(
            _Pairs(
                np.take_along_axis(similarity, near, axis=1).ravel(),
                np.take_along_axis(overlap, near, axis=1).ravel(),
                log_days(times[rows, None], times[near]).ravel(),
                (story[rows, None] == story[near]).ravel(),
            )
        )
    return _Pairs(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _nearest(alike: Numbers, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    alike[np.arange(len(rows)), rows] = -np.inf  # itself
    count = min(NEIGHBOURS, alike.shape[1] - 1)
    near: NDArray[np.intp] = np.argpartition(-alike, max(0, count - 1), axis=1)[:, :count]
    return near


def _fit(pairs: _Pairs, *, dated: bool) -> Weights:
    signals = [pairs.similarity, pairs.overlap, pairs.log_days][: 3 if dated else 2]
    known = ~np.isnan(pairs.log_days) if dated else np.ones(len(pairs.same), dtype=bool)
    same = pairs.same[known]
    if len(set(same.tolist())) < 2:  # noqa: PLR2004 - too few have times: do as without
        return _fit(pairs, dated=False)
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    model.fit(np.stack(signals, axis=1)[known], same)
    similarity, overlap, *late = (round(float(each), 4) for each in model.coef_[0])
    return Weights(
        similarity=similarity,
        overlap=overlap,
        log_days=late[0] if late else 0.0,
        intercept=round(float(model.intercept_[0]), 4),
    )
