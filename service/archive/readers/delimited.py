"""Delimited text: CSV, TSV and their kin."""

import csv
from collections.abc import Iterator, Sequence

from service.archive.opening import Opened
from service.archive.rows import MAX_ROW_BYTES, BadRow, BrokenFile, Fields, Found, decode
from service.archive.streams import in_utf8, read_lines

NAME = "delimited"
DELIMITERS = ",\t;|"


def read(opened: Opened) -> Iterator[Found]:
    """Every row below the header; without a header columns have their numbers as names."""
    lines = _Lines(read_lines(in_utf8(opened.stream, opened.sample)))
    csv.field_size_limit(MAX_ROW_BYTES)
    rows = csv.reader(lines, _find_dialect(opened.sample, opened.bare_name))
    names: list[str] | None = None
    while True:
        begin = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except (csv.Error, BadRow) as error:
            yield begin, BadRow(str(error))
            continue
        if not any(row):
            continue
        if names is None:
            names = _find_header(row, opened)
            if names is row:
                continue
        yield begin, _name(row, names)


def parse(content: Fields) -> Fields:
    """The row as it is."""
    return content


def looks_delimited(sample: bytes) -> bool:
    """Whether the first lines have as many delimiters each, and at least one."""
    try:
        lines = sample.decode("utf-8", errors="replace").splitlines()[:20]
        rows = list(csv.reader(lines, _find_dialect(sample, "")))
    except csv.Error:
        return False
    widths = {len(row) for row in rows[:-1] or rows if row}
    return len(widths) == 1 and min(widths) > 1


class _Lines:
    """Lines as text, for the csv module; a bad line ends its row."""

    def __init__(self, lines: Iterator[tuple[int, bytes | BadRow]]) -> None:
        self._lines = lines

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        _, line = next(self._lines)
        if isinstance(line, BadRow):
            raise line
        return decode(line)


def _find_dialect(sample: bytes, name: str) -> type[csv.Dialect]:
    """The delimiter that the first line has most of; quotes are doubled or escaped."""
    text = sample.decode("utf-8", errors="replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    tabs = name.endswith((".tsv", ".tab"))

    class Dialect(csv.excel):
        delimiter = "\t" if tabs else max(DELIMITERS, key=_outside_quotes(first).count)
        escapechar = "\\" if '\\"' in text and '""' not in text else None

    return Dialect


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _find_header(row: list[str], opened: Opened) -> list[str]:
    """The row itself if it is a header, else the columns' numbers; BrokenFile if neither helps."""
    numbers = [str(number) for number in range(1, len(row) + 1)]
    if opened.columns.knows_any(numbers):  # only if the user gave numbers
        return numbers
    if opened.columns.knows_any(row):
        return row
    cells = ", ".join(repr(cell[:30]) for cell in row[:8])
    raise BrokenFile(
        f"no column of text among {cells}; name one with --text-column, by its number if there "
        "is no header"
    )


def _name(row: Sequence[str], names: Sequence[str]) -> Fields | BadRow:
    if len(row) != len(names):
        return BadRow(f"has {len(row)} columns instead of {len(names)}")
    return dict(zip(names, row, strict=True))
