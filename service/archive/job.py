"""A job: an archive in, a folder of parts out, however often it is interrupted."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.archive.blocks import make_shards
from service.archive.columns import Columns
from service.archive.digest import Digest
from service.archive.engines.engine import Engine, Plan
from service.archive.folder import Folder
from service.archive.formats import read_source
from service.archive.manifest import JobManifest, check_unchanged, parse_manifest
from service.archive.parts import Counts, understand
from service.archive.report.rendering import render_report
from service.archive.rows import Reject
from service.archive.sources import Source
from service.archive.work import COUNTS, PARTS, Work
from service.errors import InvalidInput, OutputUnusable

MANIFEST = "job.json"
REJECTS = "rejects.jsonl"
SUMMARY = "summary.json"
REPORT = "report.html"

_LOOKED_AT = 1000
"""How many rows may be wrong at the start before the whole archive is taken to be."""


@dataclass(frozen=True)
class Status:
    """How far a job is."""

    counts: Counts
    """Of all parts, those of earlier runs too."""
    fresh: int
    """How many articles this run has labelled."""
    share: float
    """How much of the archive is done, 0 to 1."""
    share_before: float
    """How much of it earlier runs have done."""


class Summary(BaseModel):
    """What came out of a job."""

    model_config = ConfigDict(frozen=True)

    model: int
    files: int
    parts: int
    counts: Counts


def check_readable(sources: Sequence[Source], columns: Columns, max_chars: int) -> None:
    """Raises InvalidInput if the archive does not begin with anything that can be labelled."""
    rows = chain.from_iterable(read_source(source, columns) for source in sources)
    first: Reject | None = None
    for row in islice(rows, _LOOKED_AT):
        found = understand(row, columns, max_chars)
        if not isinstance(found, Reject):
            return
        first = first or found
    if first is None:
        raise InvalidInput("the archive is empty")
    raise InvalidInput(f"nothing there can be labelled; {first}")


@dataclass(frozen=True)
class Job:
    """Some files, and the folder that their labels go to."""

    folder: Folder
    manifest: JobManifest
    sources: Sequence[Source]
    names: Mapping[str, str]
    """The topics' names by their ids."""

    def begin(self, *, restart: bool = False) -> None:
        """Begins anew, or goes on with what was begun in the folder.

        Raises JobChanged if that was begun with something else.
        """
        if restart:
            for name in (PARTS, COUNTS, REJECTS, REPORT, SUMMARY, MANIFEST):
                self.folder.delete(name)
        begun = self.folder.read(MANIFEST)
        if begun is not None:
            origin = f"{self.folder.url}/{MANIFEST}"
            check_unchanged(parse_manifest(begun, origin), self.manifest)
        else:
            self.folder.write(MANIFEST, self.manifest.model_dump_json(indent=2).encode())

    def run(self, work: Work, engine: Engine, watch: Callable[[Status], None]) -> Summary:
        """Labels what has no part yet, and sums up all parts."""
        written = frozenset(self._parts())
        plan = Plan(
            make_shards(self.sources), self.manifest.columns, self.manifest.block_rows, written
        )
        counts, fresh = Counts(), 0
        read: Counter[int] = Counter()
        for part in written:
            said = self._read(part)
            counts += Counts.model_validate(said["counts"])
            read[said["shard"]] = max(read[said["shard"]], said["bytes_read"])
        total = max(1, sum(source.size for source in self.sources))
        before = min(1.0, read.total() / total)
        watch(Status(counts, fresh, before, before))
        for done in engine(plan, work):
            counts, fresh = counts + done.counts, fresh + done.counts.articles
            read[done.shard] = max(read[done.shard], done.bytes_read)
            watch(Status(counts, fresh, min(1.0, read.total() / total), before))
        return self._sum_up()

    def _sum_up(self) -> Summary:
        parts = [self._read(part) for part in self._parts()]
        rejects = (row for said in parts for row in said["rejects"])
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rejects)
        self.folder.write(REJECTS, "".join(lines).encode(errors="replace"))
        counts = sum((Counts.model_validate(said["counts"]) for said in parts), Counts())
        digest = sum((Digest.model_validate(said["digest"]) for said in parts), Digest())
        summary = Summary(
            model=self.manifest.model, files=len(self.sources), parts=len(parts), counts=counts
        )
        page = render_report(
            counts, digest, self.names, files=summary.files, model=self.manifest.model
        )
        self.folder.write(REPORT, page.encode(errors="replace"))
        self.folder.write(SUMMARY, summary.model_dump_json(indent=2).encode())
        return summary

    def _parts(self) -> list[str]:
        return sorted(name.partition(".")[0] for name in self.folder.names(PARTS))

    def _read(self, part: str) -> dict[str, Any]:
        """What a part's worker said of it; it was written before the part."""
        said: dict[str, Any] = json.loads(self.folder.read(f"{COUNTS}/{part}.json") or b"null")
        if not said:
            raise OutputUnusable(f"{self.folder.url}/{COUNTS}/{part}.json: gone")
        return said
