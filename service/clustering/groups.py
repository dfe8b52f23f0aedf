"""Groups articles without being told how many groups there are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from service.clustering.stories import Stories, in_order_of_time
from training.arrays import Embeddings
from training.article import Article
from training.stories.joining import Joining, Numbers
from training.stories.link import Link, times_of
from training.stories.linkage import Groups, average_linkage, cut
from training.stories.signals import Signals
from training.stories.words import Words, count_words

AT_ONCE = 256
"""Articles compared with all others together."""

MOST_TOGETHER = 8192
"""More articles that hang together are put into stories one by one, as a stream would be."""

COPY_DAYS = 2.0
"""Articles of the same words that are further apart are no copies of one."""


def group_articles(articles: Sequence[Article], embeddings: Embeddings, link: Link) -> Groups:
    """The group of each article.

    Average linkage: the two groups of highest mean log-odds are joined, if the two and all that
    they were joined of are likely one story. Copies count as one article. Each set of articles
    that no pair leads out of which could be between such groups is grouped alone. Of n articles in
    such a set 16 n² bytes are taken; a set of more than `MOST_TOGETHER` is grouped by `Stories`
    instead.

    Args:
        articles: at least one.
        embeddings: float32 [articles, dimension], unit length.
        link: tells how likely two articles are of one story.
    """
    counts = [count_words(article.text) for article in articles]
    times = times_of([article.published_at for article in articles])
    originals, copy_of = np.unique(
        find_originals([*map(tuple, counts)], times), return_inverse=True
    )
    different = [articles[at] for at in originals]
    weights = link.count_words().weigh_all([counts[at] for at in originals])
    signals = Signals(weights, times[originals], embeddings[originals])
    return _group(different, embeddings[originals], signals, link)[copy_of]


def find_originals(words: Sequence[Words], times: NDArray[np.float64]) -> NDArray[np.intp]:
    """The position of the first article that each is a copy of, its own if it is none.

    Copies have the same words in whatever order and case, and are not too far apart in time.

    Args:
        words: of each article.
        times: days, NaN where not known: float64 [articles].
    """
    first: dict[Words, int] = {}
    found = np.arange(len(words))
    for at, own in enumerate(words):
        original = first.setdefault(own, at)
        if abs(times[at] - times[original]) > COPY_DAYS:
            first[own] = at  # copies of it may follow
        else:
            found[at] = original
    return found


def _group(
    articles: Sequence[Article], embeddings: Embeddings, signals: Signals, link: Link
) -> Groups:
    groups = np.zeros(len(articles), dtype=np.intp)
    found = 0
    for members in _hanging_together(signals, link):
        if len(members) > MOST_TOGETHER:
            own = _follow([articles[at] for at in members], embeddings[members], link)
        else:
            own = join_likely(link.log_odds(*signals.between(members, members)), link.joining)
        groups[members] = found + own
        found += int(own.max()) + 1
    return groups


def _hanging_together(signals: Signals, link: Link) -> list[NDArray[np.intp]]:
    """The positions of the articles of each set, ascending."""
    edges, least = [], min(link.joining.least, 0.0)
    for start in range(0, len(signals), AT_ONCE):
        pairs = signals.between(slice(start, start + AT_ONCE), slice(start, None))
        edges.append(np.argwhere(link.log_odds(*pairs) > least) + start)
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


def join_likely(odds: Numbers, joining: Joining) -> Groups:
    """The group of each article.

    Args:
        odds: the log-odds that each two are of one story, symmetric: float32 [articles, articles].
        joining: tells how likely two groups are of one story.
    """
    if len(odds) == 1:
        return np.zeros(1, dtype=np.intp)
    joins = average_linkage(odds)
    return cut(joins, joining.log_odds(joins.odds, joins.one, joins.other))
