"""Groups articles without being told how many groups there are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from training.arrays import Embeddings
from training.article import Article
from training.stories.link import Link, Numbers, log_days, times_of
from training.stories.words import stack, words_of


def group_articles(
    articles: Sequence[Article], embeddings: Embeddings, link: Link
) -> NDArray[np.intp]:
    """The group of each article: int [articles], numbered from 0.

    Average linkage (Sokal and Michener, 1958): the two groups whose articles are on average most
    likely of one story are joined, until no two are more likely of one than not. Takes 16 n²
    bytes.

    Args:
        articles: at least one.
        embeddings: float32 [articles, dimension], unit length.
        link: tells how likely two articles are of one story.
    """
    if len(articles) < 2:  # noqa: PLR2004 - a lone article has no link to another
        return np.zeros(len(articles), dtype=np.intp)
    odds = _log_odds(articles, embeddings, link)
    highest = float(odds.max())
    linkage = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=highest
    )
    groups: NDArray[np.intp] = linkage.fit_predict(highest - odds)
    return groups


def _log_odds(articles: Sequence[Article], embeddings: Embeddings, link: Link) -> Numbers:
    """That two articles are of one story: [articles, articles]."""
    words = [words_of(f"{article.title}\n{article.body}") for article in articles]
    frequencies = link.count_words()
    for each in words:
        frequencies.add(each)
    weights = stack(frequencies.weigh(each) for each in words)
    times = times_of([article.published_at for article in articles])
    return link.log_odds(
        embeddings @ embeddings.T,
        (weights @ weights.T).toarray(),
        log_days(times[:, None], times[None]),
    )
