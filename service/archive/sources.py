"""Finds the files of an archive, here or on shared storage."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

import fsspec

from service.errors import InvalidInput

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_ENDS = 2**20
_GLOB = "*?["


@dataclass(frozen=True, slots=True)
class Source:
    """One file of an archive."""

    name: str
    """As the user would write it."""
    url: str
    """As fsspec opens it."""
    size: int
    """Bytes."""
    dated: bool = True
    """Whether it matters when it was written."""

    def open(self) -> IO[bytes]:
        """Its bytes; raises OSError."""
        return cast("IO[bytes]", fsspec.open(self.url, "rb").open())

    def fingerprint(self) -> str:
        """Changes when the file does: of its size, when it was written, and both of its ends.

        A megabyte of each end is read, as reading a whole archive twice would take too long.
        """
        files, path = fsspec.core.url_to_fs(self.url)
        found = files.info(path)
        dates = [found[key] for key in ("ETag", "mtime", "LastModified") if key in found]
        written = dates[0] if dates and self.dated else ""
        with self.open() as file:
            first = file.read(_ENDS)
            file.seek(max(0, self.size - _ENDS))
            last = file.read(_ENDS)
        return hashlib.sha256(f"{self.size} {written} ".encode() + first + last).hexdigest()


def find_sources(inputs: Iterable[str], *, without: str = "") -> list[Source]:
    """The files that paths, folders and globs name, each once, in order.

    Args:
        inputs: local or of any file system that fsspec knows, such as `s3://bucket/news/*.jsonl`.
        without: a folder to leave out, such as that of the results.
    """
    found: dict[str, Source] = {}
    for given in inputs:
        files, path = _file_system(given)
        for source in _expand(files, path, given):
            if not without or not _lies_in(source.url, without):
                found.setdefault(source.url, source)
    if not found:
        raise InvalidInput(f"{', '.join(inputs)}: no file there")
    return [*found.values()]


def _file_system(given: str) -> tuple["AbstractFileSystem", str]:
    try:
        files, path = fsspec.core.url_to_fs(given)
    except (ValueError, ImportError) as error:
        raise InvalidInput(f"{given}: {error}") from None
    return files, str(path)


def _expand(files: "AbstractFileSystem", path: str, given: str) -> Iterator[Source]:
    try:
        if files.isdir(path):
            below = sorted(files.find(path))
            visible = [each for each in below if not _is_hidden(each[len(path) :])]
            named = [
                (f"{given.rstrip('/')}{each[len(path.rstrip('/')) :]}", each) for each in visible
            ]
        elif files.isfile(path):
            named = [(given, path)]
        elif any(mark in path for mark in _GLOB):
            named = [(each, each) for each in sorted(files.glob(path)) if files.isfile(each)]
        else:
            raise InvalidInput(f"{given}: no such file or folder")
        for name, each in named:
            yield Source(name, files.unstrip_protocol(each), int(files.size(each) or 0))
    except OSError as error:
        raise InvalidInput(f"{given}: {error.strerror or error}") from None


def _is_hidden(below: str) -> bool:
    return any(part.startswith(".") for part in below.split("/"))


def _lies_in(url: str, folder: str) -> bool:
    inside = fsspec.core.url_to_fs(folder)
    return url.startswith(inside[0].unstrip_protocol(inside[1]).rstrip("/") + "/")
