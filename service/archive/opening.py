"""Opens a file and hands out what is in it before its format is known."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from service.archive.columns import Columns
from service.archive.rows import BrokenFile
from service.archive.sources import Source
from service.archive.streams import SAMPLE_BYTES, decompressed


@dataclass(frozen=True)
class Opened:
    """A file that is being read."""

    name: str
    file: IO[bytes]
    """As it lies in the archive."""
    stream: io.BufferedReader
    """Decompressed."""
    sample: bytes
    """How the stream begins; still to be read from it."""
    columns: Columns

    @property
    def bare_name(self) -> str:
        """In lower case, without what compression adds."""
        return self.name.lower().removesuffix(".gz").removesuffix(".zst")


@contextmanager
def opened(source: Source, columns: Columns) -> Iterator[Opened]:
    """The file while the context lasts; raises BrokenFile if it can't be opened."""
    try:
        file = source.open()
    except OSError as error:
        raise BrokenFile(f"can't be opened: {error.strerror or error}") from None
    with file:
        stream = decompressed(file, source.size)
        yield Opened(source.name, file, stream, stream.peek(SAMPLE_BYTES), columns)
