"""Which column of a row says what: sensible guesses, unless the user says."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from dateutil import parser as dates

from service.archive.rows import BadRow, Fields
from training.article import Article

GUESSES: dict[str, tuple[str, ...]] = {
    "body": (
        *("body", "text", "content", "article", "maintext", "main_text", "full_text", "fulltext"),
        *("article_text", "article_body", "articlebody", "story", "description", "summary"),
    ),
    "title": ("title", "headline", "head", "heading", "subject"),
    "id": ("id", "article_id", "uid", "uuid", "guid", "uri", "doc_id", "docid", "doc"),
    "published_at": (
        *("published_at", "published", "publish_date", "date_publish", "pub_date", "pubdate"),
        *("date", "datetime", "timestamp", "created_at", "time"),
    ),
    "url": ("url", "link", "href", "source_url", "uri"),
    "source": ("source", "publisher", "outlet", "publication", "site", "sitename", "domain"),
    "language": ("language", "lang"),
}
"""For each field of an article the columns that it is looked for in, likeliest first."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_EPOCH_MILLISECONDS = 1e11


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns that the user named; None is guessed.

    Of delimited text without a header the names are numbers, from 1.
    """

    body: str | None = None
    title: str | None = None
    id: str | None = None
    published_at: str | None = None
    url: str | None = None
    source: str | None = None
    language: str | None = None

    def candidates(self, field: str) -> tuple[str, ...]:
        """Where to look for a field of the article, in lower case."""
        named: str | None = getattr(self, field)
        return (named.lower(),) if named is not None else GUESSES[field]

    def knows_any(self, names: Iterable[str]) -> bool:
        """Whether one of the columns can be an article's title or body."""
        wanted = {*self.candidates("body"), *self.candidates("title")}
        return any(name.strip().lower() in wanted for name in names)

    @property
    def all_candidates(self) -> frozenset[str]:
        """Every column that is looked for."""
        return frozenset(name for each in fields(self) for name in self.candidates(each.name))


def to_article(row: Fields, columns: Columns, default_id: str, max_chars: int) -> Article:
    """The article that a row describes; raises BadRow if it has no text, or too much."""
    values = {name.strip().lower(): value for name, value in row.items()}

    def find(field: str) -> object:
        for name in columns.candidates(field):
            value = values.get(name)
            if value is not None and value != "":
                return value
        return None

    title, body = _text(find("title"), "title"), _text(find("body"), "text")
    if not (title + body).strip():
        raise BadRow(f"has no text; its columns are {_list(row)}")
    if len(title) + len(body) > max_chars:
        raise BadRow(f"has {len(title) + len(body)} characters, at most {max_chars} fit")
    language = str(find("language") or "")
    return Article(
        title=title,
        body=body,
        id=str(find("id") or default_id),
        published_at=parse_time(find("published_at")),
        url=str(find("url") or ""),
        source=str(find("source") or ""),
        language=language if _LANGUAGE.fullmatch(language) else "en",
    )


def parse_time(value: object) -> datetime | None:
    """A point in time, UTC unless it says otherwise; None if it can't be understood.

    An odd date is no reason to leave an article out.
    """
    try:
        match value:
            case datetime():
                time = value
            case bool() | None:
                return None
            case int() | float():
                seconds = value / 1000 if abs(value) > _EPOCH_MILLISECONDS else value
                time = datetime.fromtimestamp(seconds, UTC)
            case _:
                time = _parse_words(str(value))
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parse_words(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        parsed: datetime = dates.parse(text)
        return parsed


def _text(value: object, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRow(f"{field} is not text")
    return value.replace("\0", " ")


def _list(row: Fields) -> str:
    return ", ".join(repr(name) for name in list(row)[:10]) or "none"
