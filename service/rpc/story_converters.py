"""Turns stories into messages."""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from topicwire.v1 import stories_pb2 as pb

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
        first_published_at=_to_timestamp(row.first_published_at),
        last_published_at=_to_timestamp(row.last_published_at),
        create_time=_to_timestamp(row.create_time),
        update_time=_to_timestamp(row.update_time),
    )


def to_story_article(row: StoryArticleRow) -> pb.StoryArticle:
    """An article as its story remembers it."""
    return pb.StoryArticle(
        article_id=row.article_id or "",
        headline=row.headline,
        url=row.url,
        source=row.source,
        published_at=_to_timestamp(row.published_at),
        create_time=_to_timestamp(row.create_time),
        topic_ids=row.topics,
    )


def to_event(event: StoryEventRow, articles: Sequence[StoryArticleRow]) -> pb.StoryEvent:
    """Something that happened to a story."""
    return pb.StoryEvent(
        change=_CHANGES[Change(event.change)],
        story_number=event.story,
        other_story_number=event.other or 0,
        articles=map(to_story_article, articles),
        create_time=_to_timestamp(event.create_time),
    )


def _to_timestamp(time: datetime | None) -> Timestamp | None:
    if time is None:
        return None
    message = Timestamp()
    message.FromDatetime(time)
    return message
