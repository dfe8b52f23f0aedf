"""Clusters articles with the live model's encoder."""

import asyncio
from collections.abc import Sequence

from service.clustering.clusters import Clustering, canonical_order, cluster_articles, renumber
from service.labelling.encoded import Encoded
from service.labelling.live import LiveModel
from service.tracing import step
from training.article import Article
from training.stories.link import Link


async def cluster_live(
    live: LiveModel, articles: Sequence[Article], link: Link
) -> tuple[Clustering, Encoded]:
    """The clusters of the articles, and where the time of encoding them went.

    The articles are sorted before they are encoded, not only before they are grouped, as
    low-precision embeddings depend a little on what they are batched with.
    """
    order = canonical_order(articles)
    ordered = [articles[at] for at in order]
    encoded = await live.embed(ordered)
    with step("cluster"):
        clustering = await asyncio.to_thread(cluster_articles, ordered, encoded.embeddings, link)
    return renumber(clustering, order), encoded
