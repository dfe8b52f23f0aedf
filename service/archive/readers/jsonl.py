"""JSON Lines: one object a line."""

import json
from collections.abc import Iterator

from service.archive.opening import Opened
from service.archive.rows import BadRow, Fields, Found, decode
from service.archive.streams import in_utf8, read_lines

NAME = "jsonl"


def read(opened: Opened) -> Iterator[Found]:
    """Every line that is not blank."""
    for number, line in read_lines(in_utf8(opened.stream, opened.sample)):
        if isinstance(line, BadRow) or line.strip():
            yield number, line


def parse(content: bytes) -> Fields:
    """The object of a line."""
    line = decode(content)
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadRow(f"not JSON: {error}") from None
    except RecursionError:
        raise BadRow("not JSON: nested too deeply") from None
    if not isinstance(row, dict):
        raise BadRow("not a JSON object")
    return row
