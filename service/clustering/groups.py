"""Groups articles without being told how many groups there are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import AgglomerativeClustering

from service.clustering.stories import Stories
from training.arrays import Embeddings
from training.article import Article
from training.stories.link import Link, Numbers, log_days, times_of
from training.stories.words import stack, words_of

AT_ONCE = 256
"""Articles compared with all others together."""

MOST_TOGETHER = 8192
"""More articles that hang together are put into stories one by one, as a stream would be."""

Groups = NDArray[np.intp]
"""The group of each article, numbered from 0."""


class Pairs:
    """How likely any two of some articles are of one story."""

    def __init__(self, articles: Sequence[Article], embeddings: Embeddings, link: Link) -> None:
        self._embeddings = embeddings
        self._link = link
        self._times = times_of([article.published_at for article in articles])
        words = [words_of(f"{article.title}\n{article.body}") for article in articles]
        frequencies = link.count_words()
        for each in words:
            frequencies.add(each)
        self._weights: csr_array = stack(frequencies.weigh(each) for each in words)

    def __len__(self) -> int:
        return len(self._times)

    def log_odds(self, one: NDArray[np.intp], other: NDArray[np.intp]) -> Numbers:
        """Of each article at one of the positions with each at another: [one, other]."""
        return self._link.log_odds(
            self._embeddings[one] @ self._embeddings[other].T,
            (self._weights[one] @ self._weights[other].T).toarray(),
            log_days(self._times[one, None], self._times[other]),
        )


def group_articles(articles: Sequence[Article], embeddings: Embeddings, link: Link) -> Groups:
    """The group of each article.

    Average linkage (Sokal and Michener, 1958): the two groups whose articles are on average most
    likely of one story are joined, until no two are more likely of one than not. As two such
    groups have at least one such pair of articles, each set of articles that no pair leads out
    of is grouped alone, with the same outcome. Of n articles in such a set 16 n² bytes are taken;
    a set of more than `MOST_TOGETHER` is grouped by `Stories` instead.

    Args:
        articles: any number.
        embeddings: float32 [articles, dimension], unit length.
        link: tells how likely two articles are of one story.
    """
    pairs = Pairs(articles, embeddings, link)
    groups = np.zeros(len(pairs), dtype=np.intp)
    found = 0
    for members in _hanging_together(pairs):
        if len(members) > MOST_TOGETHER:
            own = _follow([articles[at] for at in members], embeddings[members], link)
        elif len(members) > 1:
            own = _join(pairs.log_odds(members, members))
        else:
            own = np.zeros(1, dtype=np.intp)
        groups[members] = found + own
        found += int(own.max()) + 1
    return groups


def _hanging_together(pairs: Pairs) -> list[NDArray[np.intp]]:
    """The positions of the articles of each set, ascending."""
    everyone = np.arange(len(pairs))
    edges = []
    for start in range(0, len(pairs), AT_ONCE):
        rows = everyone[start : start + AT_ONCE]
        likely = pairs.log_odds(rows, everyone[start:]) > 0
        edges.append(np.argwhere(likely) + start)
    ends = np.concatenate(edges).T if edges else np.zeros((2, 0), dtype=np.intp)
    shape = (len(pairs), len(pairs))
    graph = coo_array((np.ones(ends.shape[1], dtype=bool), (ends[0], ends[1])), shape=shape)
    count, component = connected_components(graph, directed=False)
    order = np.argsort(component, kind="stable")
    return np.split(order, np.searchsorted(component[order], np.arange(1, count)))


def _follow(articles: Sequence[Article], embeddings: Embeddings, link: Link) -> Groups:
    stories = Stories(link, embeddings.shape[1])
    days = times_of([article.published_at for article in articles])
    groups = np.zeros(len(articles), dtype=np.intp)
    for at in np.argsort(days, kind="stable"):
        groups[at] = stories.assign(replace(articles[at], id=""), embeddings[at]).story - 1
    return groups


def _join(odds: Numbers) -> Groups:
    highest = float(odds.max())
    linkage = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=highest
    )
    groups: Groups = linkage.fit_predict(highest - odds)
    return groups
