"""Turns articles and their embeddings into named clusters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.clustering.groups import group_articles
from service.clustering.headlines import headline_of
from service.clustering.themes import find_themes
from training.arrays import Embeddings
from training.article import Article
from training.stories.link import Link
from training.stories.linkage import Groups
from training.terms import Terms


@dataclass(frozen=True, slots=True)
class Member:
    """One article of a cluster."""

    index: int
    """Its position among the articles."""
    similarity: float
    """The cosine to the cluster's centre."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Articles that belong together; at least two."""

    id: str
    headline: str
    """Of the most central article."""
    terms: tuple[str, ...]
    """What sets the cluster apart, most distinctive first."""
    members: tuple[Member, ...]
    """In the order of the articles."""
    central: int
    """The position of the most central article."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Clusters and loners that are alike, though not of one story."""

    id: str
    terms: tuple[str, ...]
    """What sets the theme apart, most distinctive first."""
    clusters: tuple[str, ...]
    """The ids of its clusters, largest first."""
    loners: tuple[int, ...]
    """The positions of its loners, ascending."""


@dataclass(frozen=True, slots=True)
class Clustering:
    """Every article in one cluster or among the loners."""

    clusters: tuple[Cluster, ...]
    """Largest first."""
    loners: tuple[int, ...]
    """The positions of articles that belong to no cluster, ascending."""
    themes: tuple[Theme, ...] = ()
    """That of most articles first; none if clusters and loners are few."""


def canonical_order(articles: Sequence[Article]) -> list[int]:
    """The positions of the articles sorted by what they say, whatever order they came in."""
    return sorted(
        range(len(articles)),
        key=lambda at: (articles[at].title, articles[at].body, articles[at].id),
    )


def cluster_articles(articles: Sequence[Article], embeddings: Embeddings, link: Link) -> Clustering:
    """The clusters of the articles.

    Args:
        articles: at least one, in canonical order if the answer is not to depend on the order.
        embeddings: float32 [articles, dimension], unit length.
        link: tells how likely two articles are of one story.
    """
    groups = group_articles(articles, embeddings, link)
    sizes = np.bincount(groups)
    terms = Terms([article.text for article in articles])
    names = terms.distinctive(groups)
    found = [(np.flatnonzero(groups == group), names[group]) for group in np.flatnonzero(sizes > 1)]
    found.sort(key=lambda cluster: (-len(cluster[0]), cluster[0][0]))
    clusters = tuple(
        _describe(f"c{number}", positions, embeddings, articles, own)
        for number, (positions, own) in enumerate(found, 1)
    )
    loners = np.flatnonzero(sizes[groups] == 1)
    themes = find_themes(embeddings, groups)
    return Clustering(
        clusters=clusters,
        loners=tuple(loners.tolist()),
        themes=() if themes is None else _describe_themes(themes[groups], terms, clusters, loners),
    )


def renumber(clustering: Clustering, order: Sequence[int]) -> Clustering:
    """The same clustering for articles that came in another order.

    Args:
        clustering: of the articles as they are sorted by `order`.
        order: for each sorted position, the position that the article came in.
    """
    return Clustering(
        clusters=tuple(_renumber(cluster, order) for cluster in clustering.clusters),
        loners=_places(clustering.loners, order),
        themes=tuple(
            replace(theme, loners=_places(theme.loners, order)) for theme in clustering.themes
        ),
    )


def _renumber(cluster: Cluster, order: Sequence[int]) -> Cluster:
    members = (replace(member, index=order[member.index]) for member in cluster.members)
    return replace(
        cluster,
        members=tuple(sorted(members, key=lambda member: member.index)),
        central=order[cluster.central],
    )


def _places(positions: Sequence[int], order: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted(order[at] for at in positions))


def _describe(
    id_: str,
    positions: NDArray[np.intp],
    embeddings: Embeddings,
    articles: Sequence[Article],
    terms: Sequence[str],
) -> Cluster:
    centre = embeddings[positions].mean(axis=0)
    similarities = embeddings[positions] @ (centre / max(float(np.linalg.norm(centre)), 1e-12))
    central = int(positions[int(similarities.argmax())])
    return Cluster(
        id=id_,
        headline=headline_of(articles[central]),
        terms=tuple(terms),
        members=tuple(
            Member(int(at), float(similarity))
            for at, similarity in zip(positions, similarities, strict=True)
        ),
        central=central,
    )


def _describe_themes(
    themes: Groups, terms: Terms, clusters: Sequence[Cluster], loners: NDArray[np.intp]
) -> tuple[Theme, ...]:
    """The themes of the articles, that of most articles first."""
    names = terms.distinctive(themes)
    sizes = np.bincount(themes)
    return tuple(
        Theme(
            id=f"t{number}",
            terms=tuple(names[theme]),
            clusters=tuple(each.id for each in clusters if themes[each.central] == theme),
            loners=tuple(loners[themes[loners] == theme].tolist()),
        )
        for number, theme in enumerate(np.argsort(-sizes, kind="stable"), 1)
    )
