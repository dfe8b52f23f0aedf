"""From what a user asks for to a job and its work."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.archive.columns import Columns
from service.archive.folder import Folder
from service.archive.job import Job, check_readable
from service.archive.manifest import JobManifest, describe
from service.archive.options import OutputFormat
from service.archive.sources import Source
from service.archive.work import LabelWork, Target
from training.encoder import Precision
from training.store import Store


@dataclass(frozen=True, kw_only=True)
class Request:
    """An archive to label, and how."""

    sources: Sequence[Source]
    output: str
    store: Path
    model: int
    columns: Columns
    output_format: OutputFormat
    precision: Precision
    max_article_chars: int
    threads: int | None
    """Of each worker's encoder; None: as many as there are cores."""


def prepare(request: Request) -> tuple[Job, LabelWork]:
    """The job, which is not begun yet, and the work of its workers.

    Raises InvalidInput if the archive is nothing that can be labelled.
    """
    check_readable(request.sources, request.columns, request.max_article_chars)
    manifest = Store(request.store).manifest(request.model)
    job = JobManifest(
        inputs=describe(request.sources),
        model=request.model,
        model_fingerprint=hashlib.sha256(manifest.model_dump_json().encode()).hexdigest(),
        precision=request.precision,
        output_format=request.output_format,
        columns=request.columns,
        max_article_chars=request.max_article_chars,
    )
    target = Target(
        request.output,
        request.model,
        request.columns,
        request.output_format,
        request.max_article_chars,
    )
    work = LabelWork(request.store.absolute(), request.precision, target, request.threads)
    return Job(Folder(request.output), job, request.sources), work
