"""`topicwire evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.screen import out, print_json, progress_bar
from service.settings import Settings


def evaluate(
    data: Annotated[Path, typer.Argument(help="JSONL file of labelled texts.")],
    store: Annotated[Path | None, typer.Option(help="Folder of models.")] = None,
    model: Annotated[str, typer.Option(help="Number or alias of the model.")] = "current",
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Score a model on labelled texts, labelled as the server would label them.

    Example: `topicwire evaluate held_out.jsonl --json`
    """
    from service.cli.opening import open_model
    from service.cli.tables import metrics_table
    from training.corpus import load_corpus
    from training.evaluate import evaluate as score
    from training.store import Store

    settings = Settings()
    opened = open_model(Store(store or settings.store), model, settings.precision)
    corpus = load_corpus([data], opened.model.taxonomy)
    with progress_bar("labelling") as progress:
        metrics = score(opened.model, opened.encoder, corpus, progress)
    if as_json:
        print_json(metrics.model_dump())
    else:
        out.print(metrics_table(metrics))
