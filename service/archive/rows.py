"""A row of an archive as it was found, before anything is known of its meaning."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

MAX_ROW_BYTES = 16 * 2**20
"""A row larger than this is rejected before it is held in memory as a whole."""

Fields: TypeAlias = Mapping[str, object]
"""What a row says, by the name of its column."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row was found."""

    file: str
    row: int
    """From 1: its line in JSONL, where it begins in delimited text, else its number; 0: no row,
    but the file as a whole."""

    def __str__(self) -> str:
        return f"{self.file}:{self.row}" if self.row else self.file


@dataclass(frozen=True, slots=True)
class Raw:
    """A row that was found and not looked into yet."""

    place: Place
    format: str
    """The name of the format whose `parse` looks into it."""
    content: bytes | Fields


@dataclass(frozen=True, slots=True)
class Reject:
    """A row, or what is left of a file, that can't be labelled."""

    place: Place
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class BrokenFile(Exception):
    """The rest of a file can't be read; what came before it is not touched."""


class BadRow(ValueError):
    """A row can't be read; the ones after it can."""


def decode(content: bytes) -> str:
    """UTF-8 as text; raises BadRow."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRow(f"not UTF-8 text at byte {error.start}") from None


TOO_LARGE = f"larger than {MAX_ROW_BYTES // 2**20} MiB"

Found: TypeAlias = tuple[int, bytes | Fields | BadRow]
"""A row's number in its file, and what it is."""
