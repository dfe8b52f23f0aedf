"""Fits a link on articles whose stories are known."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from training.arrays import Embeddings
from training.calibration import Marks
from training.errors import InvalidCorpus
from training.stories.fit_joining import fit_joining
from training.stories.joining import Numbers
from training.stories.link import Link, Weights, times_of
from training.stories.signals import Pairs, Signals
from training.stories.told import ToldArticle
from training.stories.words import Frequencies, count_words

NEIGHBOURS = 30
"""Each article is compared with the ones most like it: the others are never mistaken for it."""

AT_ONCE = 512
"""Articles whose neighbours are looked for together."""

STRENGTH = 10.0
"""The inverse of the L2 penalty, scikit-learn's `C`."""

FEWEST_TIMES = 3
"""A word in fewer articles is not remembered; what is not remembered is rare."""

TOO_FEW = "the stories: at least two must have several articles each"


class _Told(NamedTuple):
    """Pairs of articles of which it is known whether they are of one story."""

    pairs: Pairs
    same: Marks


def fit_link(told: Sequence[ToldArticle], embeddings: Embeddings, encoder: str) -> Link:
    """A link; the same input gives the same one.

    Args:
        told: articles and their stories; some stories must have several articles.
        embeddings: of the articles, float32 [articles, dimension], unit length.
        encoder: the name of what made them.
    """
    if not told:
        raise InvalidCorpus([TOO_FEW])
    frequencies = Frequencies()
    stories, story = np.unique([each.story for each in told], return_inverse=True)
    counts = [count_words(each.article.text) for each in told]
    times = times_of([each.published_at for each in told])
    signals = Signals(frequencies.weigh_all(counts), times, embeddings)
    known = _compare(signals, story)
    if _is_one_sided(known.same):
        raise InvalidCorpus([TOO_FEW])
    link = Link(
        dated=_fit(known, dated=True),
        undated=_fit(known, dated=False),
        encoder=encoder,
        articles=len(told),
        stories=len(stories),
        frequencies={
            word: count
            for word, count in sorted(frequencies.counts.items())
            if count >= FEWEST_TIMES
        },
    )
    return link.model_copy(update={"joining": fit_joining(signals, story, link)})


def _compare(signals: Signals, story: NDArray[np.intp]) -> _Told:
    """Each article with its neighbours."""
    found: list[_Told] = []
    for start in range(0, len(signals), AT_ONCE):
        pairs = signals.between(slice(start, start + AT_ONCE), slice(None))
        near = _nearest(pairs.similarity + pairs.overlap, start)
        own = Pairs(*(np.take_along_axis(signal, near, axis=1).ravel() for signal in pairs))
        found.append(_Told(own, (story[start : start + AT_ONCE, None] == story[near]).ravel()))
    pairs = Pairs(*map(np.concatenate, zip(*(each.pairs for each in found), strict=True)))
    return _Told(pairs, np.concatenate([each.same for each in found]))


def _nearest(alike: Numbers, start: int) -> NDArray[np.intp]:
    """The positions of the neighbours of each article from that position on."""
    rows = np.arange(len(alike))
    alike[rows, start + rows] = -np.inf  # itself
    count = min(NEIGHBOURS, alike.shape[1] - 1)
    near: NDArray[np.intp] = np.argpartition(-alike, max(0, count - 1), axis=1)[:, :count]
    return near


def _fit(told: _Told, *, dated: bool) -> Weights:
    signals = np.stack(told.pairs if dated else told.pairs[:2], axis=1)
    known = ~np.isnan(signals).any(axis=1)
    if _is_one_sided(told.same[known]):  # too few have times: do as without
        return _fit(told, dated=False)
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    model.fit(signals[known], told.same[known])
    similarity, overlap, *late = (round(float(each), 4) for each in model.coef_[0])
    return Weights(
        similarity=similarity,
        overlap=overlap,
        log_days=late[0] if late else 0.0,
        intercept=round(float(model.intercept_[0]), 4),
    )


def _is_one_sided(same: Marks) -> bool:
    """Whether there is nothing to tell apart."""
    return bool(same.all() or not same.any())
