"""Reads what commands are given: texts, and JSONL files of articles."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError, model_validator

from service.errors import InvalidInput
from training.article import Article
from training.errors import explain_row


def read_text(given: str) -> str:
    """The text itself, that of the file it names, or standard input for `-`."""
    if given == "-":
        return _decode(sys.stdin.buffer.read(), "standard input")
    if _is_path(given):
        return _decode(_read(Path(given)), given)
    return given


def read_articles(paths: Iterable[str]) -> list[Article]:
    """The articles of JSONL files, or of standard input for `-`; all bad rows in one error.

    A row without an id gets its number among all rows, from 1.
    """
    articles: list[Article] = []
    problems: list[str] = []
    for origin, number, line in _lines(paths):
        try:
            articles.append(_parse(line, str(len(articles) + len(problems) + 1)))
        except (ValueError, RecursionError) as error:
            problems.append(f"{origin}:{number}: {_reason(error)}")
    if problems:
        raise InvalidInput("\n".join(problems))
    return articles


class _Row(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str = ""
    title: StrictStr = ""
    body: StrictStr = ""
    text: StrictStr = ""

    @model_validator(mode="after")
    def _has_words(self) -> "_Row":
        if not (self.title + self.body + self.text).strip():
            raise ValueError("has no title, body or text")
        return self


def _parse(line: str, number: str) -> Article:
    row = _Row.model_validate(json.loads(line))
    return Article(id=row.id or number, title=row.title, body=row.body or row.text)


def _lines(paths: Iterable[str]) -> Iterator[tuple[str, int, str]]:
    for path in paths:
        origin = "standard input" if path == "-" else path
        content = sys.stdin.buffer.read() if path == "-" else _read(Path(path))
        for number, line in enumerate(_decode(content, origin).split("\n"), 1):
            if line.strip():
                yield origin, number, line


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from None


def _decode(content: bytes, origin: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{origin}: not UTF-8 text at byte {error.start}") from None


def _is_path(given: str) -> bool:
    try:
        return Path(given).exists() and given.strip(". ") != ""
    except (OSError, ValueError):  # too long, or with a NUL: certainly no path
        return False


def _reason(error: ValueError | RecursionError) -> str:
    match error:
        case ValidationError():
            return explain_row(error)[0]
        case RecursionError():
            return "not JSON: nested too deeply"
        case _:
            return f"not JSON: {error}"
