"""What each part tells the report: enough to draw, little enough to keep of a million articles."""

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Mapping
from heapq import nsmallest
from operator import attrgetter
from typing import NamedTuple
from zlib import crc32

import numpy as np
from pydantic import BaseModel, ConfigDict

from training.arrays import Embeddings
from training.article import Article
from training.labels import Label, Labelling

MOST_EXAMPLES = 4
"""Of each topic, the most probable ones."""

MOST_POINTS = 1000
"""On the map."""

MOST_POINTS_OF_A_PART = 30

MOST_CHARACTERS = 400
"""Of an example's title and of its evidence."""

Tally = dict[str, dict[str, int]]
"""How many articles were given each topic, for each day or source."""


class Example(BaseModel):
    """An article that was given a topic, and the passage that earned it."""

    model_config = ConfigDict(frozen=True)

    topic: str
    probability: float
    title: str
    evidence: str
    source: str
    url: str


class Point(BaseModel):
    """An article on the map."""

    model_config = ConfigDict(frozen=True)

    order: int
    """Random, but always the same of the same article: the least ones stand for all."""
    topic: str
    """The most probable one."""
    title: str
    vector: str
    """Its embedding, float16 in base64."""

    @property
    def embedding(self) -> Embeddings:
        """float32 [dimension]."""
        vector: Embeddings = np.frombuffer(b64decode(self.vector), dtype="<f2").astype(np.float32)
        return vector


class Seen(NamedTuple):
    """What an article is, what it is about, and where it lies."""

    article: Article
    labelling: Labelling
    vector: Embeddings | None
    """float32 [dimension]; None if no encoder has read it."""


class Digest(BaseModel):
    """What the report shows of some articles; digests can be added up."""

    model_config = ConfigDict(frozen=True)

    days: Tally = {}
    """By the day of publication, as in ISO 8601."""
    sources: Tally = {}
    examples: tuple[Example, ...] = ()
    points: tuple[Point, ...] = ()

    def __add__(self, other: "Digest") -> "Digest":
        return Digest(
            days=_add(self.days, other.days),
            sources=_add(self.sources, other.sources),
            examples=_best((*self.examples, *other.examples)),
            points=_least((*self.points, *other.points), MOST_POINTS),
        )


def digest(articles: Iterable[Seen]) -> Digest:
    """The digest of a part's articles."""
    days: Tally = {}
    sources: Tally = {}
    told = [each for each in articles if each.labelling.labels]
    for article, labelling, _ in told:
        if article.published_at:
            _count(days, article.published_at.date().isoformat(), labelling)
        if article.source:
            _count(sources, article.source, labelling)
    examples = [_example(each.article, label) for each in told for label in each.labelling.labels]
    points = [
        _point(article, labelling, vector)
        for article, labelling, vector in told
        if vector is not None
    ]
    return Digest(
        days=days,
        sources=sources,
        examples=_best(examples),
        points=_least(points, MOST_POINTS_OF_A_PART),
    )


def _count(tally: Tally, key: str, labelling: Labelling) -> None:
    counts = tally.setdefault(key, {})
    for topic in labelling.topics:
        counts[topic] = counts.get(topic, 0) + 1


def _add(one: Mapping[str, dict[str, int]], other: Mapping[str, dict[str, int]]) -> Tally:
    return {
        key: dict(Counter(one.get(key, {})) + Counter(other.get(key, {})))
        for key in sorted({*one, *other})
    }


def _best(examples: Iterable[Example]) -> tuple[Example, ...]:
    """The most probable of each topic, of different titles and evidence."""
    ranked = sorted(examples, key=_rank)
    distinct: dict[str, dict[tuple[str, str], Example]] = {}
    for each in ranked:
        distinct.setdefault(each.topic, {}).setdefault((each.title, each.evidence), each)
    return tuple(
        each for topic in sorted(distinct) for each in [*distinct[topic].values()][:MOST_EXAMPLES]
    )


def _rank(example: Example) -> tuple[float, str, str, str, str]:
    """The most probable first; of equals always the same."""
    return -example.probability, example.title, example.evidence, example.source, example.url


def _least(points: Iterable[Point], most: int) -> tuple[Point, ...]:
    return tuple(nsmallest(most, points, key=attrgetter("order", "title", "topic", "vector")))


def _example(article: Article, label: Label) -> Example:
    best = label.evidence[0].passage.text if label.evidence else ""
    return Example(
        topic=label.topic,
        probability=label.probability,
        title=_shorten(article.title),
        evidence=_shorten(best),
        source=article.source,
        url=article.url,
    )


def _point(article: Article, labelling: Labelling, vector: Embeddings) -> Point:
    best = labelling.labels[0]
    title = _shorten(article.title or best.evidence[0].passage.text)
    return Point(
        order=crc32(f"{article.id}\0{title}".encode(errors="replace")),
        topic=best.topic,
        title=title,
        vector=b64encode(vector.astype("<f2").tobytes()).decode(),
    )


def _shorten(text: str) -> str:
    return text[:MOST_CHARACTERS].encode(errors="replace").decode()
