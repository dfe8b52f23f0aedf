"""The work of an archive job with the fake encoder."""

from dataclasses import dataclass
from pathlib import Path
from time import sleep

from service.archive.blocks import Block
from service.archive.labellers import AccurateLabeller
from service.archive.parts import Counts
from service.archive.work import PartWriter, Target, Worker
from tests.fakes import FakeEncoder
from training.store import Store


@dataclass(frozen=True)
class FakeWork:
    """Labels with a model of a store that was trained on the fake encoder."""

    store: Path
    target: Target
    seconds: float = 0.0
    """How long each block takes besides."""

    def open(self) -> Worker:
        model = Store(self.store).load(self.target.model)
        write = PartWriter(AccurateLabeller(model, FakeEncoder()), model.taxonomy.ids, self.target)

        def work(block: Block) -> Counts:
            sleep(self.seconds)
            return write(block)

        return work
