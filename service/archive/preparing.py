"""From what a user asks for to a job and its work."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.archive.columns import Columns
from service.archive.folder import Folder
from service.archive.job import Job, check_readable
from service.archive.manifest import JobManifest, describe
from service.archive.options import Mode, OutputFormat
from service.archive.sources import Source
from service.archive.work import LabelWork, Target
from service.errors import InvalidInput
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
    mode: Mode
    max_article_chars: int
    threads: int | None
    """Of each worker's encoder; None: as many as there are cores."""


def prepare(request: Request) -> tuple[Job, LabelWork]:
    """The job, which is not begun yet, and the work of its workers.

    Raises InvalidInput if the archive is nothing that can be labelled, or the model can't do so in
    that mode.
    """
    check_readable(request.sources, request.columns, request.max_article_chars)
    model = Store(request.store).load(request.model)
    if request.mode is Mode.FAST and not model.student:
        raise InvalidInput(
            f"model {request.model} has no student to be fast with; "
            "topicwire train --fast makes a model that has one"
        )
    job = JobManifest(
        inputs=describe(request.sources),
        model=request.model,
        model_fingerprint=hashlib.sha256(model.manifest.model_dump_json().encode()).hexdigest(),
        precision=request.precision,
        mode=request.mode,
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
    work = LabelWork(
        request.store.absolute(), request.precision, request.mode, target, request.threads
    )
    return Job(Folder(request.output), job, request.sources, model.taxonomy.names), work
