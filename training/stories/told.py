"""Articles whose story is known, read from JSONL."""

from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, StrictStr, field_validator, model_validator

from training.article import Article
from training.rows import read_rows, refuse_half_characters


class ToldArticle(BaseModel):
    """An article with the story that it tells of; other fields of its row are left alone."""

    model_config = ConfigDict(frozen=True)

    story: StrictStr
    """Any name; articles of one name are of one story."""
    title: StrictStr = ""
    body: StrictStr = ""
    published_at: datetime | None = None
    """As in ISO 8601; UTC if it does not say. Without one, time tells nothing of it."""
    id: StrictStr = ""
    source: StrictStr = ""

    @field_validator("story")
    @classmethod
    def _is_named(cls, story: str) -> str:
        if not story.strip():
            raise ValueError("is empty")
        return story

    @model_validator(mode="after")
    def _has_words(self) -> "ToldArticle":
        text = f"{self.title}{self.body}"
        if not text.strip():
            raise ValueError("has neither a title nor a body")
        refuse_half_characters(text)
        return self

    @field_validator("published_at")
    @classmethod
    def _in_utc(cls, time: datetime | None) -> datetime | None:
        return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time

    @property
    def article(self) -> Article:
        """Without its story."""
        return Article(
            title=self.title,
            body=self.body,
            id=self.id,
            published_at=self.published_at,
            source=self.source,
        )


def load_told(paths: Iterable[Path]) -> list[ToldArticle]:
    """The articles of all files; raises InvalidCorpus naming every bad row of every file."""
    return read_rows(paths, ToldArticle.model_validate)


def builtin_told() -> list[ToldArticle]:
    """The articles written for Topicwire."""
    with as_file(files("training") / "data" / "stories") as folder:
        return load_told(sorted(folder.glob("*.jsonl")))
