"""Groups articles without being told how many groups there are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from service.clustering.stories import Stories, in_order_of_time
from training.arrays import Embeddings
from training.article import Article
from training.stories.link import Link, Numbers
from training.stories.signals import Signals

AT_ONCE = 256
"""Articles compared with all others together."""

MOST_TOGETHER = 8192
"""More articles that hang together are put into stories one by one, as a stream would be."""

Groups = NDArray[np.intp]
"""The group of each article, numbered from 0."""


def group_articles(articles: Sequence[Article], embeddings: Embeddings, link: Link) -> Groups:
    """The group of each article.

    Average linkage (Sokal and Michener, 1958): the two groups whose articles are on average most
    likely of one story are joined, until no two are more likely of one than not. As two such
    groups have at least one such pair of articles, each set of articles that no pair leads out
    of is grouped alone, with the same outcome. Of n articles in such a set 16 n² bytes are taken;
    a set of more than `MOST_TOGETHER` is grouped by `Stories` instead.

    Args:
        articles: at least one.
        embeddings: float32 [articles, dimension], unit length.
        link: tells how likely two articles are of one story.
    """
    signals = Signals(articles, embeddings, link.count_words())
    groups = np.zeros(len(articles), dtype=np.intp)
    found = 0
    for members in _hanging_together(signals, link):
        if len(members) > MOST_TOGETHER:
            own = _follow([articles[at] for at in members], embeddings[members], link)
        else:
            own = average_linkage(link.log_odds(*signals.between(members, members)))
        groups[members] = found + own
        found += int(own.max()) + 1
    return groups


def _hanging_together(signals: Signals, link: Link) -> list[NDArray[np.intp]]:
    """The positions of the articles of each set, ascending."""
    edges = []
    for start in range(0, len(signals), AT_ONCE):
        pairs = signals.between(slice(start, start + AT_ONCE), slice(start, None))
        edges.append(np.argwhere(link.log_odds(*pairs) > 0) + start)
    one, other = np.concatenate(edges).T
    shape = (len(signals), len(signals))
    graph = coo_array((np.ones(len(one), dtype=bool), (one, other)), shape=shape)
    count, component = connected_components(graph, directed=False)
    order = np.argsort(component, kind="stable")
    return np.split(order, np.searchsorted(component[order], np.arange(1, count)))


def _follow(articles: Sequence[Article], embeddings: Embeddings, link: Link) -> Groups:
    stories = Stories(link, embeddings.shape[1])
    groups = np.zeros(len(articles), dtype=np.intp)
    for at in in_order_of_time(articles):
        groups[at] = stories.assign(stories.read(articles[at], embeddings[at])).story - 1
    return groups


def average_linkage(odds: Numbers) -> Groups:
    """The group of each article.

    Args:
        odds: the log-odds that each two are of one story, symmetric: float32 [articles, articles].
    """
    if len(odds) == 1:
        return np.zeros(1, dtype=np.intp)
    highest = float(odds.max())
    apart = squareform(highest - odds, checks=False)
    groups: Groups = fcluster(linkage(apart, "average"), highest, "distance").astype(np.intp) - 1
    return groups
