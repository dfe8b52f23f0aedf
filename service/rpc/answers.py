"""What clients are given of stories."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Change = Literal["started", "joined", "merged", "split"]


@dataclass(frozen=True, slots=True)
class Placed:
    """An article in its story."""

    article_id: str
    story: int
    started: bool
    """Whether the article started the story."""
    probability: float
    """That it was of the likeliest story open when it came, 0 to 1."""
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryArticle:
    """An article as its story remembers it."""

    article_id: str
    headline: str
    url: str
    source: str
    published_at: datetime | None
    came_at: datetime
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A running story."""

    number: int
    headline: str
    terms: tuple[str, ...]
    size: int
    """How many articles it has."""
    topics: Mapping[str, int]
    """How many of them have each topic."""
    is_open: bool
    first_published_at: datetime | None
    last_published_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to a story."""

    token: str
    """Goes on after it."""
    change: Change
    story: int
    other: int
    """The story that was merged, or split; 0 for none."""
    articles: tuple[StoryArticle, ...]
    at: datetime
