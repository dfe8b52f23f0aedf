"""`topicwire label`."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.archive.options import EngineName, Mode, OutputFormat
from service.cli.options import JsonOption, ModelOption, StoreOption
from service.cli.screen import out, print_json, remarks
from service.settings import read_settings

if TYPE_CHECKING:
    from service.archive.job import Summary

SOME_REJECTED = 1
"""The exit code if all is done but some rows could not be labelled."""

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""

Column = Annotated[str | None, typer.Option(help="Guessed if not given.")]


def label(
    inputs: Annotated[
        list[str], typer.Argument(help="Files, folders, globs, or - for standard input.")
    ],
    output: Annotated[str, typer.Option(help="Folder of the results; may be on shared storage.")],
    output_format: Annotated[
        OutputFormat, typer.Option("--format", help="How the results are written.")
    ] = OutputFormat.PARQUET,
    mode: Annotated[
        Mode,
        typer.Option(help="fast: the encoder reads only what the model's student has not cleared."),
    ] = Mode.ACCURATE,
    engine: Annotated[
        EngineName, typer.Option(help="Here, or on the machines of a Ray cluster.")
    ] = EngineName.LOCAL,
    ray_address: Annotated[
        str | None, typer.Option(help="Of the cluster. Default: a Ray of this machine alone.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes. Default: 1 on up to 8 cores, else one for each."),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Throw away what is there, and begin anew.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Say how far it is, even without a terminal.")
    ] = False,
    store: StoreOption = None,
    model: ModelOption = "current",
    as_json: JsonOption = False,
    text_column: Column = None,
    title_column: Column = None,
    id_column: Column = None,
    date_column: Column = None,
    url_column: Column = None,
    source_column: Column = None,
    language_column: Column = None,
) -> None:
    """Label an archive: JSONL, CSV, Parquet, text, HTML or WARC, compressed or not.

    The results are in `articles/` of the output folder, rows that can't be labelled in
    `rejects.jsonl`. A job that was interrupted goes on with the same command. The exit code is 1
    if rows were rejected.

    Example: `topicwire label news/ --output labelled`
    """
    from service.archive.columns import Columns
    from service.archive.engines.picking import pick_engine, pick_workers
    from service.archive.preparing import Request, prepare
    from service.cli.opening import find_model
    from service.cli.spooling import sources_of
    from service.cli.watching import watching
    from training.store import Store

    columns = Columns(
        body=text_column,
        title=title_column,
        id=id_column,
        published_at=date_column,
        url=url_column,
        source=source_column,
        language=language_column,
    )
    settings = read_settings(store=store)
    workers = pick_workers(engine, workers)
    with sources_of(inputs, without=output) as sources:
        number = find_model(Store(settings.store), settings, model)
        request = Request(
            sources=sources,
            output=output,
            store=settings.store,
            model=number,
            columns=columns,
            output_format=output_format,
            precision=settings.precision,
            mode=mode,
            max_article_chars=settings.max_article_chars,
            threads=None if workers == 1 else 1,
        )
        job, work = prepare(request)
        try:
            with job.folder.locked(), watching(lines=watch) as watcher:
                job.begin(restart=restart)
                runner = pick_engine(engine, ray_address, workers)
                summary = job.run(work, runner, watcher)
        except KeyboardInterrupt:
            remarks.print("stopped; the same command goes on where it was")
            raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(summary.model_dump())
    else:
        _show(summary, output)
    if summary.counts.rejects:
        raise typer.Exit(SOME_REJECTED)


def _show(summary: "Summary", output: str) -> None:
    counts = summary.counts
    out.print(f"{counts.articles:,} articles of {summary.files:,} files in {output}/articles")
    for topic, number in counts.commonest:
        out.print(f"  {number:>9,} {topic}")
    out.print(f"  {counts.out_of_distribution:>9,} out of distribution")
    if counts.rejects:
        out.print(f"{counts.rejects:,} rows could not be labelled: see {output}/rejects.jsonl")
