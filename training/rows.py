"""Reads JSONL whose every row must be right."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from training.errors import InvalidCorpus, explain_row

Row = TypeVar("Row")


def read_rows(paths: Iterable[Path], parse: Callable[[object], Row]) -> list[Row]:
    """The rows of all files in order; raises InvalidCorpus naming every bad row of every file.

    Args:
        paths: of the files; empty lines are passed over.
        parse: makes a row of what JSON holds; raises ValueError, pydantic's too, if it is wrong.
    """
    rows: list[Row] = []
    problems: list[str] = []
    for path in paths:
        for number, line in _lines(path, problems):
            try:
                rows.append(parse(_decode(line)))
            except ValueError as error:
                problems += [f"{path}:{number}: {reason}" for reason in _reasons(error)]
    if problems:
        raise InvalidCorpus(problems)
    return rows


def refuse_half_characters(text: str) -> None:
    """Raises ValueError if a text has a lone surrogate, which no encoder can read."""
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("has half of a character, a lone surrogate")


def _lines(path: Path, problems: list[str]) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            yield from ((n, line) for n, line in enumerate(file, 1) if line.strip())
    except OSError as error:
        problems.append(f"{path}: {error.strerror}")


def _decode(line: bytes) -> object:
    try:
        found: object = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("not JSON: nested too deeply") from None
    return found


def _reasons(error: ValueError) -> Sequence[str]:
    if not isinstance(error, ValidationError):
        return [str(error)]
    return explain_row(error)
