"""Turns stories into messages, and for clients back."""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.message import Message
from topicwire.v1 import stories_pb2 as pb

from service.rpc.answers import Happened, Placed, Story, StoryArticle
from service.rpc.converters import from_timestamp, to_timestamp
from service.storage.tables import Change, StoryArticleRow, StoryEventRow, StoryRow

_CHANGES = {
    Change.STARTED: pb.STORY_CHANGE_STARTED,
    Change.JOINED: pb.STORY_CHANGE_JOINED,
    Change.MERGED: pb.STORY_CHANGE_MERGED,
    Change.SPLIT: pb.STORY_CHANGE_SPLIT,
}


def to_assignment(row: StoryArticleRow) -> pb.StoryAssignment:
    """The story of an article."""
    return pb.StoryAssignment(
        article_id=row.article_id or "",
        story_number=row.story,
        started=row.started,
        probability=row.probability,
        topic_ids=row.topics,
    )


def to_story(row: StoryRow) -> pb.Story:
    """A story as it is kept."""
    topics = sorted(row.topics.items(), key=lambda each: (-each[1], each[0]))
    return pb.Story(
        number=row.number,
        headline=row.headline,
        terms=row.terms,
        size=row.size,
        topics=[pb.StoryTopic(topic_id=topic, articles=count) for topic, count in topics],
        open=row.is_open,
        first_published_at=to_timestamp(row.first_published_at),
        last_published_at=to_timestamp(row.last_published_at),
        create_time=to_timestamp(row.create_time),
        update_time=to_timestamp(row.update_time),
    )


def to_story_article(row: StoryArticleRow) -> pb.StoryArticle:
    """An article as its story remembers it."""
    return pb.StoryArticle(
        article_id=row.article_id or "",
        headline=row.headline,
        url=row.url,
        source=row.source,
        published_at=to_timestamp(row.published_at),
        create_time=to_timestamp(row.create_time),
        topic_ids=row.topics,
    )


def to_event(event: StoryEventRow, articles: Sequence[StoryArticleRow]) -> pb.StoryEvent:
    """Something that happened to a story."""
    return pb.StoryEvent(
        change=_CHANGES[Change(event.change)],
        story_number=event.story,
        other_story_number=event.other or 0,
        articles=map(to_story_article, articles),
        create_time=to_timestamp(event.create_time),
    )


def from_assignment(message: pb.StoryAssignment) -> Placed:
    """What `to_assignment` was given, as clients see it."""
    return Placed(
        article_id=message.article_id,
        story=message.story_number,
        started=message.started,
        probability=message.probability,
        topics=tuple(message.topic_ids),
    )


def from_story(message: pb.Story) -> Story:
    """A story as clients see it."""
    return Story(
        number=message.number,
        headline=message.headline,
        terms=tuple(message.terms),
        size=message.size,
        topics={topic.topic_id: topic.articles for topic in message.topics},
        is_open=message.open,
        first_published_at=_time(message, "first_published_at"),
        last_published_at=_time(message, "last_published_at"),
        created_at=from_timestamp(message.create_time),
        updated_at=from_timestamp(message.update_time),
    )


def from_story_article(message: pb.StoryArticle) -> StoryArticle:
    """An article of a story as clients see it."""
    return StoryArticle(
        article_id=message.article_id,
        headline=message.headline,
        url=message.url,
        source=message.source,
        published_at=_time(message, "published_at"),
        came_at=from_timestamp(message.create_time),
        topics=tuple(message.topic_ids),
    )


def from_event(message: pb.WatchStoriesResponse) -> Happened:
    """Something that happened to a story, as clients see it."""
    event = message.event
    changes = {number: change for change, number in _CHANGES.items()}
    return Happened(
        token=message.resume_token,
        change=changes[event.change].value,
        story=event.story_number,
        other=event.other_story_number,
        articles=tuple(map(from_story_article, event.articles)),
        at=from_timestamp(event.create_time),
    )


def _time(message: Message, field: str) -> datetime | None:
    return from_timestamp(getattr(message, field)) if message.HasField(field) else None
