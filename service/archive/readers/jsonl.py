"""JSON Lines: one object a line."""

import json
from collections.abc import Iterator

from service.archive.opening import Opened
from service.archive.rows import BadRow, Fields, Found
from service.archive.streams import in_utf8, read_lines

NAME = "jsonl"


def read(opened: Opened) -> Iterator[Found]:
    """Every line that is not blank."""
    for number, line in read_lines(in_utf8(opened.stream, opened.sample)):
        if isinstance(line, BadRow) or line.strip():
            yield number, line


def parse(content: bytes) -> Fields:
    """The object of a line."""
    try:
        row = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadRow(f"not UTF-8 text at byte {error.start}") from None
    except ValueError as error:
        raise BadRow(f"not JSON: {error}") from None
    except RecursionError:
        raise BadRow("not JSON: nested too deeply") from None
    if not isinstance(row, dict):
        raise BadRow("not a JSON object")
    return row
