"""What a job asks of an engine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.archive.blocks import Block, Shard
from service.archive.columns import Columns
from service.archive.parts import Counts
from service.archive.work import Work


@dataclass(frozen=True, slots=True)
class Done:
    """A part that has just been written."""

    shard: int
    bytes_read: int
    """Of the shard, up to the part's end."""
    counts: Counts


@dataclass(frozen=True)
class Plan:
    """What is to be labelled."""

    shards: Sequence[Shard]
    columns: Columns
    block_rows: int
    written: frozenset[str]
    """The names of the parts that need no more work."""

    def blocks(self) -> Iterator[Block]:
        """The blocks without a part, in order."""
        for shard in self.shards:
            yield from self.blocks_of(shard)

    def blocks_of(self, shard: Shard) -> Iterator[Block]:
        """Those of one shard; the others are read all the same, to find where these begin."""
        for block in shard.blocks(self.columns, self.block_rows):
            if block.name not in self.written:
                yield block


class Engine(Protocol):
    """Makes a part of each block, in whatever order."""

    def __call__(self, plan: Plan, work: Work) -> Iterator[Done]:
        """Says so of each part as soon as it is written.

        When the iterator is closed early, blocks under way are finished and no more are begun.
        """
