"""Fits what a link tells of groups, by joining told articles again."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from training.stories.joining import Joining, unevenness
from training.stories.link import Link
from training.stories.linkage import Joins, average_linkage
from training.stories.signals import Pairs, Signals

MOST_TOGETHER = 4096
"""Articles that are joined again together; of more, so many after the other."""

STRENGTH = 10.0
"""The inverse of the L2 penalty, scikit-learn's `C`."""


def fit_joining(signals: Signals, story: NDArray[np.intp], link: Link) -> Joining:
    """What tells right joins from wrong ones, with and without times.

    Args:
        signals: of the told articles.
        story: of each: int [articles].
        link: fitted on them.
    """
    features, shares = [], []
    for start in range(0, len(signals), MOST_TOGETHER):
        some = slice(start, start + MOST_TOGETHER)
        pairs = signals.between(some, some)
        untimed = np.full_like(pairs.log_days, np.nan)
        for each in (pairs, Pairs(pairs.similarity, pairs.overlap, untimed)):
            if len(untimed) > 1:
                joins = average_linkage(link.log_odds(*each))
                features.append(np.stack([joins.odds, unevenness(joins.one, joins.other)], axis=1))
                shares.append(_shares_of_one_story(joins, story[some]))
    return _fit(np.concatenate(features), np.concatenate(shares))


def _shares_of_one_story(joins: Joins, story: NDArray[np.intp]) -> NDArray[np.float64]:
    """Of all pairs between the two groups of a join, how many are of one story: [joins]."""
    groups = [Counter([each]) for each in story.tolist()]
    shares = []
    for left, right in joins.tree[:, :2].astype(np.intp):
        one, other = groups[left], groups[right]
        same = sum(count * other[each] for each, count in one.items())
        shares.append(same / (one.total() * other.total()))
        groups.append(one + other)
    return np.array(shares)


def _fit(features: NDArray[np.float32], shares: NDArray[np.float64]) -> Joining:
    if not 0 < shares.sum() < len(shares):
        return Joining()
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    right = np.repeat([True, False], len(shares))
    model.fit(np.tile(features, (2, 1)), right, np.concatenate([shares, 1 - shares]))
    odds, uneven = (round(float(each), 4) for each in model.coef_[0])
    if odds <= 0:
        return Joining()
    return Joining(odds=odds, unevenness=uneven, intercept=round(float(model.intercept_[0]), 4))
