"""Standard input and pipes as files, so that they can be read from their start more than once."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from service.archive.sources import Source, find_sources


@contextmanager
def sources_of(inputs: Sequence[str], *, without: str = "") -> Iterator[list[Source]]:
    """The files that the inputs name, `-` for standard input, while the context lasts."""
    with TemporaryDirectory(prefix="topicwire-") as folder:
        spooled = [
            _spool(each, Path(folder) / str(at)) for at, each in enumerate(inputs) if _flows(each)
        ]
        named = [each for each in inputs if not _flows(each)]
        yield [*spooled, *(find_sources(named, without=without) if named else [])]


def _flows(given: str) -> bool:
    """Whether it is read once and gone, as `-`, pipes and `<(…)` of a shell are."""
    path = Path(given)
    return given == "-" or path.is_fifo() or path.is_char_device()


def _spool(given: str, path: Path) -> Source:
    if given == "-":
        return _keep(sys.stdin.buffer, "standard input", path)
    with Path(given).open("rb") as file:
        return _keep(file, given, path)


def _keep(stream: IO[bytes], name: str, path: Path) -> Source:
    with path.open("wb") as file:
        shutil.copyfileobj(stream, file)
    return Source(name, path.as_uri(), path.stat().st_size, dated=False)
