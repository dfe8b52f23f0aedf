"""The tables. Whoever changes one adds a migration to `migrations/versions`."""

from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, BigInteger, Double, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from service.storage.columns import Moment, Prose, Vector

Sequence = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """All tables."""


class CorrectionRow(Base):
    """What a person said a text is about; the latest word on each text."""

    __tablename__ = "corrections"

    text_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Prose)
    labels: Mapped[list[str]] = mapped_column(JSON)
    article_id: Mapped[str] = mapped_column(Prose)
    source: Mapped[str] = mapped_column(Prose)
    update_time: Mapped[datetime] = mapped_column(Moment, index=True)


class ClockRow(Base):
    """The one row that every writer of stories locks first: they write one after another."""

    __tablename__ = "story_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(Sequence)
    """That of the latest event."""
    stories: Mapped[int] = mapped_column(Integer)
    """How many have been started."""
    articles: Mapped[int] = mapped_column(Sequence)
    """How many have come."""
    tidied: Mapped[int] = mapped_column(Sequence)
    """The sequence up to which stories have been looked at again."""
    encoder: Mapped[str] = mapped_column(String(64))
    """The fingerprint of the encoder that articles are compared by; empty before the first."""


class StoryRow(Base):
    """A story, open or closed; one that was merged stays here to lead to the other."""

    __tablename__ = "stories"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    headline: Mapped[str] = mapped_column(Prose)
    terms: Mapped[list[str]] = mapped_column(JSON)
    """What it tells of, most telling first."""
    size: Mapped[int]
    """How many articles it has."""
    topics: Mapped[dict[str, int]] = mapped_column(JSON)
    """How many of its articles have each topic, by id; those that none has left out."""
    create_time: Mapped[datetime] = mapped_column(Moment)
    update_time: Mapped[datetime] = mapped_column(Moment)
    first_published_at: Mapped[datetime | None] = mapped_column(Moment)
    last_published_at: Mapped[datetime | None] = mapped_column(Moment)
    last_day: Mapped[float | None] = mapped_column(Double)
    """As `Story.last_day`; NULL for minus infinity."""
    last_sequence: Mapped[int] = mapped_column(Sequence)
    """That of its latest article."""
    is_open: Mapped[bool] = mapped_column(index=True)
    merged_into: Mapped[int | None]


class StoryArticleRow(Base):
    """An article as its story remembers it."""

    __tablename__ = "story_articles"
    __table_args__ = (Index("story_articles_of", "story", "sequence"),)

    sequence: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    """That of the event which put it into its first story."""
    article_id: Mapped[str | None] = mapped_column(Prose, unique=True)
    story: Mapped[int]
    """Where it is now."""
    started: Mapped[bool]
    """Whether it started its first story."""
    probability: Mapped[float] = mapped_column(Double)
    """That it is of the likeliest story that was open when it came."""
    topics: Mapped[list[str]] = mapped_column(JSON)
    headline: Mapped[str] = mapped_column(Prose)
    """Or the beginning of its body; shortened."""
    url: Mapped[str] = mapped_column(Prose)
    source: Mapped[str] = mapped_column(Prose)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    create_time: Mapped[datetime] = mapped_column(Moment)
    embedding: Mapped[NDArray[np.float32]] = mapped_column(Vector("<f4"))
    words: Mapped[str] = mapped_column(Text)
    """The different ones, sorted, with a space before, between and after them."""
    weights: Mapped[NDArray[np.float64]] = mapped_column(Vector("<f8"))
    """How much each of the words told when the article came; 0 for nothing."""


class Change(StrEnum):
    """What may happen to a story."""

    STARTED = "started"
    JOINED = "joined"
    MERGED = "merged"
    SPLIT = "split"


class StoryEventRow(Base):
    """Something that happened to a story; in order, without gaps."""

    __tablename__ = "story_events"

    sequence: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    change: Mapped[str] = mapped_column(String(16))
    story: Mapped[int]
    """The one that was started, joined, merged into or split off."""
    other: Mapped[int | None]
    """The one that was merged, or split."""
    articles: Mapped[list[int]] = mapped_column(JSON)
    """The sequences of the articles that came into the story by it."""
    create_time: Mapped[datetime] = mapped_column(Moment)


class StoryWordsRow(Base):
    """In how many of some articles, one after another, each word occurs."""

    __tablename__ = "story_words"

    sequence: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    """That of the last of them."""
    articles: Mapped[int]
    counts: Mapped[bytes] = mapped_column(LargeBinary)
    """JSON, compressed by zlib."""
