"""What a job was begun with, so that it goes on with the same or not at all."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from service.archive.blocks import BLOCK_BYTES, BLOCK_ROWS, SHARD_BYTES
from service.archive.columns import Columns
from service.archive.options import Mode, OutputFormat
from service.archive.sources import Source
from service.errors import JobChanged, OutputUnusable

FORMAT = 1


class InputFile(BaseModel):
    """A file of the archive as it was when the job began."""

    model_config = ConfigDict(frozen=True)

    name: str
    size: int
    fingerprint: str


class JobManifest(BaseModel):
    """Everything that the rows of the results depend on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    inputs: tuple[InputFile, ...]
    model: int
    model_fingerprint: str
    precision: str
    mode: Mode
    output_format: OutputFormat
    columns: Columns
    max_article_chars: int
    block_rows: int = BLOCK_ROWS
    block_bytes: int = BLOCK_BYTES
    shard_bytes: int = SHARD_BYTES


def describe(sources: Sequence[Source]) -> tuple[InputFile, ...]:
    """The files as they are now."""
    return tuple(InputFile(name=s.name, size=s.size, fingerprint=s.fingerprint()) for s in sources)


def parse_manifest(content: bytes, origin: str) -> JobManifest:
    """The manifest of a job that was begun."""
    try:
        return JobManifest.model_validate_json(content)
    except ValidationError:
        raise OutputUnusable(f"{origin}: not the manifest of a job that can go on") from None


def check_unchanged(begun: JobManifest, now: JobManifest) -> None:
    """Raises JobChanged, with everything that is not as it was when the job began."""
    differences = [*_input_differences(begun, now), *_other_differences(begun, now)]
    if differences:
        raise JobChanged(
            f"this job was begun with something else: {'; '.join(differences[:5])}; "
            "choose another --output, or begin anew with --restart"
        )


def _input_differences(begun: JobManifest, now: JobManifest) -> Iterator[str]:
    before = {each.name: each for each in begun.inputs}
    after = {each.name: each for each in now.inputs}
    yield from (f"{name} is new" for name in after.keys() - before.keys())
    yield from (f"{name} is gone" for name in before.keys() - after.keys())
    yield from (
        f"{name} has changed"
        for name in before.keys() & after.keys()
        if before[name] != after[name]
    )
    if not before.keys() ^ after.keys() and [*before] != [*after]:
        yield "the files come in another order"


def _other_differences(begun: JobManifest, now: JobManifest) -> Iterator[str]:
    for name in JobManifest.model_fields:
        before, after = getattr(begun, name), getattr(now, name)
        if name != "inputs" and before != after:
            shown = f" ({before} then, {after} now)" if isinstance(before, str | int) else ""
            yield f"{name.replace('_', ' ')} differs{shown}"
