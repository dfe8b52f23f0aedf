"""Plain text: one article a file."""

from collections.abc import Iterator

from service.archive.opening import Opened
from service.archive.rows import Fields, Found, decode
from service.archive.streams import in_utf8, read_whole

NAME = "text"


def read(opened: Opened) -> Iterator[Found]:
    """The whole file."""
    yield 1, read_whole(in_utf8(opened.stream, opened.sample))


def parse(content: bytes) -> Fields:
    """A body without a title."""
    return {"body": decode(content)}
