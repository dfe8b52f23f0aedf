"""What a worker needs to make parts, wherever it runs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from service.archive.blocks import Block
from service.archive.columns import Columns
from service.archive.folder import Folder
from service.archive.options import Mode, OutputFormat
from service.archive.output import pack
from service.archive.parts import Counts, LabelArticles, make_part
from service.processor import keep_loaded
from training.encoder import Precision
from training.store import Store

PARTS = "articles"
"""The folder of the results."""
COUNTS = "parts"
"""The folder of what is in each part, with its rejects."""


class Worker(Protocol):
    """Makes one part after the other."""

    def __call__(self, block: Block) -> Counts:
        """Writes a block's part, and then says what is in it."""


class Work(Protocol):
    """Can be sent to another process or machine, and opened there."""

    def open(self) -> Worker:
        """A worker; takes seconds."""


@dataclass(frozen=True)
class LabelWork:
    """Labels with a numbered model of a store."""

    store: Path
    precision: Precision
    mode: Mode
    target: "Target"
    threads: int | None = None
    """Of the encoder; None: as many as there are cores."""

    def open(self) -> Worker:
        """Loads the model and its encoder."""
        import torch  # noqa: PLC0415 - slow, and only workers that encode need it

        from service.archive.labellers import make_labeller  # noqa: PLC0415
        from service.labelling.opening import Opener  # noqa: PLC0415

        if self.threads:
            torch.set_num_threads(self.threads)
        opened = Opener(Store(self.store), self.precision).open(self.target.model)
        label = make_labeller(self.mode, opened.model, opened.encoder)
        keep_loaded()
        return PartWriter(label, opened.model.taxonomy.ids, self.target)


@dataclass(frozen=True)
class Target:
    """How rows are understood, and how and where results are written."""

    output: str
    model: int
    columns: Columns
    output_format: OutputFormat
    max_article_chars: int


class PartWriter:
    """A worker that labels in its own process."""

    def __init__(self, label: LabelArticles, topics: tuple[str, ...], target: Target) -> None:
        self._label = label
        self._topics = topics
        self._target = target
        self._folder = Folder(target.output)

    def __call__(self, block: Block) -> Counts:
        """The part's file comes last: where it is, everything else of the part is."""
        target = self._target
        part = make_part(block, target.columns, self._label, max_chars=target.max_article_chars)
        counts = part.count()
        rejects = [
            {"file": each.place.file, "row": each.place.row or None, "reason": each.reason}
            for each in part.rejects
        ]
        said = {
            "shard": block.shard,
            "bytes_read": block.bytes_read,
            "counts": counts.model_dump(),
            "digest": part.digest().model_dump(),
            "rejects": rejects,
        }
        content = json.dumps(said, ensure_ascii=False).encode(errors="replace")
        self._folder.write(f"{COUNTS}/{block.name}.json", content)
        rows = pack(part.labelled, self._topics, target.model, target.output_format)
        self._folder.write(f"{PARTS}/{block.name}.{target.output_format}", rows)
        return counts
