"""`topicwire evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import JsonOption, ModelOption, StoreOption
from service.cli.screen import out, print_json, progress_bar
from service.settings import read_settings

if TYPE_CHECKING:
    from service.labelling.opened import Opened
    from training.predictions import Predictions


def evaluate(
    data: Annotated[Path, typer.Argument(help="JSONL file of labelled texts.")],
    store: StoreOption = None,
    model: ModelOption = "current",
    against: Annotated[
        str | None, typer.Option(help="Number or alias of a model to compare it with.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Score a model on labelled texts, labelled as the server would label them.

    Every score comes with its 95 % interval; texts of several sources are scored by source too.

    Example: `topicwire evaluate held_out.jsonl --against previous`
    """
    from service.cli.opening import open_model
    from service.cli.tables import comparison_table, metrics_table, sources_table
    from training.compare import compare
    from training.metrics import measure

    settings = read_settings(store=store)
    opened = [open_model(settings, name) for name in (model, against) if name is not None]
    told, *others = (_predict(each, data) for each in opened)
    metrics = measure(told)
    comparison = compare(told, others[0]) if others else None
    if as_json:
        found = {"comparison": comparison.model_dump()} if comparison else {}
        print_json({**metrics.model_dump(), **found})
        return
    out.print(metrics_table(metrics))
    if metrics.sources:
        out.print(sources_table(metrics.sources))
    if comparison:
        out.print(comparison_table(comparison))


def _predict(opened: "Opened", data: Path) -> "Predictions":
    from training.corpus import load_corpus
    from training.evaluate import predict

    corpus = load_corpus([data], opened.model.taxonomy)
    with progress_bar(f"labelling with model {opened.number}") as progress:
        return predict(opened.model, opened.encoder, corpus, progress)
