"""How much of an archive has been read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from service.archive.opening import Opened
from service.archive.sources import Source


class Meter:
    """Counts bytes as they lie in the archive, compressed or not."""

    def __init__(self) -> None:
        self._finished = 0
        self._file: IO[bytes] | None = None

    @contextmanager
    def on(self, source: Source, opened: Opened) -> Iterator[None]:
        """Counts what is read from this file while the context lasts."""
        self._file = opened.file
        try:
            yield
        finally:
            self._file = None
            self._finished += source.size

    @property
    def bytes(self) -> int:
        """Read so far."""
        return self._finished + (self._file.tell() if self._file else 0)
