"""Checks what callers send and turns it into domain objects."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from topicwire.v1 import articles_pb2, feedback_pb2, stories_pb2

from service.errors import InvalidRequest, Violation
from service.storage.corrections import Correction
from service.storage.stories import StoryFilter
from training.article import Article
from training.stories.words import words_of

MAX_NAME_CHARS = 256
MAX_URL_CHARS = 2048

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def read_articles(
    messages: Sequence[articles_pb2.Article], *, least: int, most: int, max_chars: int
) -> list[Article]:
    """The articles of a request; raises InvalidRequest naming every field that is wrong."""
    if not least <= len(messages) <= most:
        reason = f"has {len(messages)} articles, must have {least} to {most}"
        raise InvalidRequest([Violation("articles", reason)])
    _refuse(
        violation
        for at, message in enumerate(messages)
        for violation in _violations(message, f"articles[{at}]", max_chars)
    )
    return [_to_article(message) for message in messages]


def read_article(message: articles_pb2.Article, *, max_chars: int) -> Article:
    """The article of a stream's message; raises InvalidRequest naming every field that is wrong."""
    _refuse(_violations(message, "article", max_chars))
    return _to_article(message)


def read_correction(
    message: feedback_pb2.SubmitCorrectionRequest, topics: Sequence[str], *, max_chars: int
) -> Correction:
    """The correction; raises InvalidRequest naming every field that is wrong."""
    _refuse(_correction_violations(message, topics, max_chars))
    return Correction(
        text=message.text,
        labels=tuple(dict.fromkeys(message.topic_ids)),
        article_id=message.article_id,
        source=message.source,
    )


def read_story_filter(message: stories_pb2.ListStoriesRequest) -> StoryFilter:
    """Which stories to list; raises InvalidRequest naming every field that is wrong."""
    _refuse(_filter_violations(message))
    after, before = message.published_after, message.published_before
    return StoryFilter(
        published_after=_time(after) if message.HasField("published_after") else None,
        published_before=_time(before) if message.HasField("published_before") else None,
        topic=message.topic_id,
        text=message.text,
        min_size=message.min_size,
    )


def read_positive(number: int) -> int:
    """The number of a model or story; raises InvalidRequest if none can have it."""
    if number < 1:
        raise InvalidRequest([Violation("number", "must be 1 or more")])
    return number


def _refuse(violations: Iterable[Violation]) -> None:
    """Raises InvalidRequest if there are any, naming all."""
    if found := [*violations]:
        raise InvalidRequest(found)


def _filter_violations(message: stories_pb2.ListStoriesRequest) -> Iterator[Violation]:
    yield from _no_times(message, "", "published_after", "published_before")
    yield from _too_long(message, "", topic_id=MAX_NAME_CHARS, text=MAX_NAME_CHARS)
    if message.min_size < 0:
        yield Violation("min_size", "is negative")
    if message.text and not words_of(message.text):
        yield Violation("text", "has no words")


def _correction_violations(
    message: feedback_pb2.SubmitCorrectionRequest, topics: Sequence[str], max_chars: int
) -> Iterator[Violation]:
    if not message.text.strip():
        yield Violation("text", "is empty")
    if len(message.text) > max_chars:
        yield Violation("text", f"has {len(message.text)} characters, at most {max_chars} fit")
    for at, topic in enumerate(message.topic_ids):
        if topic not in topics:
            yield Violation(f"topic_ids[{at}]", "is not in the taxonomy in use")
    yield from _too_long(message, "", article_id=MAX_NAME_CHARS, source=MAX_NAME_CHARS)


def _violations(message: articles_pb2.Article, path: str, max_chars: int) -> Iterator[Violation]:
    chars = len(message.title) + len(message.body)
    if not message.title.strip() and not message.body.strip():
        yield Violation(f"{path}.body", "is empty, and so is the title: there is no text")
    if chars > max_chars:
        longer = "title" if len(message.title) > len(message.body) else "body"
        yield Violation(
            f"{path}.{longer}", f"title and body have {chars} characters, at most {max_chars} fit"
        )
    yield from _too_long(
        message, f"{path}.", id=MAX_NAME_CHARS, source=MAX_NAME_CHARS, url=MAX_URL_CHARS
    )
    if message.language and not _LANGUAGE.fullmatch(message.language):
        yield Violation(f"{path}.language", "is not a BCP 47 tag such as 'en' or 'uk-UA'")
    yield from _no_times(message, f"{path}.", "published_at")


def _too_long(message: Message, prefix: str, **limits: int) -> Iterator[Violation]:
    """The fields of text that have more characters than they may."""
    for field, most in limits.items():
        if len(getattr(message, field)) > most:
            yield Violation(f"{prefix}{field}", f"is longer than {most} characters")


def _no_times(message: Message, prefix: str, *fields: str) -> Iterator[Violation]:
    """The fields that are set to what is no time."""
    for field in fields:
        if message.HasField(field) and _time(getattr(message, field)) is None:
            yield Violation(f"{prefix}{field}", "is not a time between the years 1 and 9999")


def _time(message: Timestamp) -> datetime | None:
    """None if no calendar has it."""
    try:
        return message.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _to_article(message: articles_pb2.Article) -> Article:
    return Article(
        id=message.id,
        title=message.title,
        body=message.body,
        published_at=_time(message.published_at) if message.HasField("published_at") else None,
        url=message.url,
        source=message.source,
        language=message.language or "en",
    )
