"""Stories and their articles to and from the tables."""

from dataclasses import dataclass
from math import inf

import numpy as np

from service.clustering.headlines import headline_of
from service.clustering.stories import Assigned, Stories
from service.clustering.story import Reading
from service.storage.tables import StoryArticleRow, StoryRow
from training.arrays import Embeddings
from training.article import Article
from training.stories.link import day_of


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article that is to be put into a story."""

    article: Article
    embedding: Embeddings
    """float32 [dimension], unit length."""
    topics: tuple[str, ...] = ()
    """The ids of its topics."""


def to_row(arrival: Arrival, reading: Reading, assigned: Assigned) -> StoryArticleRow:
    """What is kept of an article; its sequence and story are given by the log."""
    article = arrival.article
    return StoryArticleRow(
        article_id=article.id or None,
        started=assigned.is_new,
        probability=assigned.probability,
        topics=list(arrival.topics),
        headline=headline_of(article),
        url=article.url,
        source=article.source,
        published_at=article.published_at,
        embedding=reading.embedding,
        words=f" {' '.join(reading.words)} ",
        weights=np.array([reading.weights.get(word, 0.0) for word in reading.words]),
    )


def to_reading(row: StoryArticleRow) -> Reading:
    """What `to_row` was given."""
    words = tuple(row.words.split(" ")[1:-1]) if row.words.strip() else ()
    weights = {word: float(at) for word, at in zip(words, row.weights, strict=True) if at}
    return Reading(row.embedding, words, weights, day_of(row.published_at))


def describe(row: StoryRow, stories: Stories) -> None:
    """Keeps what the open story has become by its latest article."""
    story = stories[row.number]
    row.terms, row.last_day = story.terms, None if story.last_day == -inf else story.last_day


def last_day_of(row: StoryRow) -> float:
    """What `describe` has kept of it."""
    return -inf if row.last_day is None else row.last_day
