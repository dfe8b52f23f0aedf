"""`topicwire cluster`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import StoreOption
from service.cli.screen import out, print_json, progress_bar, remarks
from service.errors import InvalidInput
from service.settings import Settings, read_settings
from training.article import Article

if TYPE_CHECKING:
    from service.clustering.clusters import Clustering

MOST_ARTICLES = 100_000
"""That are clustered right here."""


def cluster(
    inputs: Annotated[
        list[str], typer.Argument(help="Files of articles, or - for standard input.")
    ],
    server: Annotated[
        str | None, typer.Option(help="HOST:PORT of a server to ask. Default: cluster right here.")
    ] = None,
    store: StoreOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="A line for each article, cluster and theme.")
    ] = False,
) -> None:
    """Say which articles belong together; reads what `topicwire label` reads.

    Example: `topicwire cluster today.jsonl --json`
    """
    from service.cli.inputs import read_articles

    settings = read_settings(store=store)
    articles = read_articles(inputs, settings.max_article_chars)
    most = settings.max_cluster_articles if server else MOST_ARTICLES
    if not 2 <= len(articles) <= most:  # noqa: PLR2004 - one article has nothing to belong to
        raise InvalidInput(f"{len(articles):,} articles were given, must be 2 to {most:,}")
    clustering = (
        _cluster_there(articles, server, settings) if server else _cluster_here(articles, settings)
    )
    if as_json:
        _print_lines(articles, clustering)
    else:
        _print_clusters(articles, clustering)


def _cluster_here(articles: Sequence[Article], settings: Settings) -> "Clustering":
    from service.cli.opening import open_grouping_encoder
    from service.clustering.clusters import canonical_order, cluster_articles, renumber
    from training.pooling import embed_articles
    from training.stories.link import find_link

    link = find_link(settings.story_link)
    encoder = open_grouping_encoder(settings)
    order = canonical_order(articles)
    ordered = [articles[at] for at in order]
    with progress_bar("encoding") as progress:
        embeddings = embed_articles(encoder, ordered, progress)
    with remarks.status("grouping"):
        return renumber(cluster_articles(ordered, embeddings, link), order)


def _cluster_there(articles: Sequence[Article], server: str, settings: Settings) -> "Clustering":
    from service.rpc.client import connect

    with connect(server, settings) as client, progress_bar(f"clustering {len(articles)} articles"):
        return client.cluster(articles)


def _print_lines(articles: Sequence[Article], clustering: "Clustering") -> None:
    cluster_of = {
        member.index: cluster.id for cluster in clustering.clusters for member in cluster.members
    }
    for at, article in enumerate(articles):
        print_json({"id": article.id, "cluster": cluster_of.get(at)})
    for cluster in clustering.clusters:
        print_json(
            {
                "cluster": cluster.id,
                "size": len(cluster.members),
                "headline": cluster.headline,
                "terms": cluster.terms,
            }
        )
    for theme in clustering.themes:
        loners = [articles[at].id for at in theme.loners]
        print_json(
            {"theme": theme.id, "terms": theme.terms, "clusters": theme.clusters, "loners": loners}
        )


def _print_clusters(articles: Sequence[Article], clustering: "Clustering") -> None:
    for cluster in clustering.clusters:
        out.print(f"{cluster.id}  {len(cluster.members)} articles  {', '.join(cluster.terms)}")
        out.print(f"    {cluster.headline}", markup=False, style="bold")
        out.print(
            "    ids " + " ".join(articles[m.index].id for m in cluster.members), markup=False
        )
    for theme in clustering.themes:
        out.print(
            f"{theme.id}  {len(theme.clusters)} clusters and {len(theme.loners)} articles on their"
            f" own  {', '.join(theme.terms)}",
            markup=False,
        )
    out.print(f"on their own: {len(clustering.loners)}")
