"""Joins articles into ever larger groups, the likeliest first."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from training.stories.joining import Numbers

Groups = NDArray[np.intp]
"""The group of each article, numbered from 0."""


class Joins(NamedTuple):
    """The joins of two groups each that make one of n articles: n - 1, the likeliest first."""

    tree: NDArray[np.float64]
    """As SciPy's `linkage` has it: float64 [joins, 4]."""
    odds: Numbers
    """The mean log-odds of the pairs between the two: float32 [joins]."""
    one: Numbers
    """How many articles the one has: float32 [joins]."""
    other: Numbers


def average_linkage(odds: Numbers) -> Joins:
    """Joins the two groups of highest mean log-odds, until one is left (Sokal and Michener, 1958).

    Args:
        odds: the log-odds that each two articles are of one story, symmetric: float32
            [articles, articles], at least two.
    """
    highest = float(odds.max())
    tree: NDArray[np.float64] = linkage(squareform(highest - odds, checks=False), "average")
    sizes = np.concatenate([np.ones(len(odds)), tree[:, 3]]).astype(np.float32)
    one, other = sizes[tree[:, :2].astype(np.intp)].T
    return Joins(tree, (highest - tree[:, 2]).astype(np.float32), one, other)


def cut(joins: Joins, odds: Numbers) -> Groups:
    """The groups of the joins whose odds are above 0, and those of all joins before them too.

    Args:
        joins: of all articles.
        odds: of each join, float32 [joins].
    """
    count = len(joins.tree) + 1
    lowest = np.concatenate([np.full(count, np.inf, dtype=np.float32), odds])
    for at, (left, right) in enumerate(joins.tree[:, :2].astype(np.intp), start=count):
        lowest[at] = min(lowest[at], lowest[left], lowest[right])
    stays = np.where(lowest[count:] > 0, 0.0, 1.0)
    groups: Groups = fcluster(joins.tree, 0.5, "monocrit", monocrit=stays).astype(np.intp) - 1
    return groups
