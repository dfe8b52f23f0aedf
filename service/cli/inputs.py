"""Reads what commands are given: a text, or files of articles in any format of an archive."""

import sys
from collections.abc import Sequence
from pathlib import Path

from service.archive.columns import Columns
from service.archive.formats import read_source
from service.archive.parts import understand
from service.archive.rows import Reject
from service.cli.spooling import sources_of
from service.errors import InvalidInput
from training.article import Article


def read_text(given: str) -> str:
    """The text itself, that of the file it names, or standard input for `-`."""
    if given == "-":
        return _decode(sys.stdin.buffer.read(), "standard input")
    if _is_path(given):
        return _decode(_read(Path(given)), given)
    return given


def read_articles(inputs: Sequence[str], max_chars: int) -> list[Article]:
    """The articles of files, or of standard input for `-`; all bad rows in one error."""
    columns = Columns()
    with sources_of(inputs) as sources:
        found = [
            understand(row, columns, max_chars)
            for source in sources
            for row in read_source(source, columns)
        ]
    problems = [str(each) for each in found if isinstance(each, Reject)]
    if problems:
        raise InvalidInput("\n".join(problems))
    return [each for each in found if isinstance(each, Article)]


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
