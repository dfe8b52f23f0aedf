"""Standard input as a file, so that it can be read from its start more than once."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from service.archive.sources import Source, find_sources


@contextmanager
def sources_of(inputs: Sequence[str], *, without: str = "") -> Iterator[list[Source]]:
    """The files that the inputs name, `-` for standard input, while the context lasts."""
    with TemporaryDirectory(prefix="topicwire-") as folder:
        spooled = [_spool(Path(folder) / "stdin")] if "-" in inputs else []
        named = [each for each in inputs if each != "-"]
        yield [*spooled, *(find_sources(named, without=without) if named else [])]


def _spool(path: Path) -> Source:
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return Source("standard input", path.as_uri(), path.stat().st_size, dated=False)
