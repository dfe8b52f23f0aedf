"""Cuts an archive into blocks of rows, always in the same way, so that a job can go on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from service.archive.columns import Columns
from service.archive.formats import read_source
from service.archive.meter import Meter
from service.archive.rows import Fields, Raw, Reject
from service.archive.sources import Source

BLOCK_ROWS = 2000
"""Most rows of a block; they are sorted by length together."""

BLOCK_BYTES = 16 * 2**20
"""A block ends with the row that exceeds it."""

SHARD_BYTES = 256 * 2**20
"""A shard ends with the file that exceeds it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that are labelled together and written as one part."""

    shard: int
    number: int
    rows: tuple[Raw | Reject, ...]
    bytes_read: int
    """Of the shard, up to the block's end."""

    @property
    def name(self) -> str:
        """What its part is called."""
        return f"part-{self.shard:05d}-{self.number:06d}"


@dataclass(frozen=True, slots=True)
class Shard:
    """Files that are read one after the other, by one reader."""

    number: int
    sources: tuple[Source, ...]

    def blocks(self, columns: Columns, most_rows: int) -> Iterator[Block]:
        """The rows of its files in order, in blocks of at most so many."""
        meter = Meter()
        rows = chain.from_iterable(read_source(each, columns, meter) for each in self.sources)
        for number, block in enumerate(cut(rows, most_rows, BLOCK_BYTES)):
            yield Block(self.number, number, block, meter.bytes)


def make_shards(sources: Sequence[Source]) -> list[Shard]:
    """All files in order, in shards of about equal size."""
    shards: list[list[Source]] = [[]]
    for source in sources:
        if sum(each.size for each in shards[-1]) > SHARD_BYTES:
            shards.append([])
        shards[-1].append(source)
    return [Shard(number, tuple(files)) for number, files in enumerate(shards)]


def cut(
    rows: Iterable[Raw | Reject], most_rows: int, most_bytes: int
) -> Iterator[tuple[Raw | Reject, ...]]:
    """Runs of rows, each as long as the limits allow; none is empty."""
    block: list[Raw | Reject] = []
    size = 0
    for row in rows:
        block.append(row)
        size += _size(row.content) if isinstance(row, Raw) else 0
        if len(block) == most_rows or size > most_bytes:
            yield tuple(block)
            block, size = [], 0
    if block:
        yield tuple(block)


def _size(content: bytes | Fields) -> int:
    if isinstance(content, bytes):
        return len(content)
    return sum(len(value) for value in content.values() if isinstance(value, str | bytes))
