"""`topicwire review`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import ModelOption, StoreOption
from service.cli.screen import out, print_json, progress_bar
from service.settings import read_settings

if TYPE_CHECKING:
    from service.labelling.opened import Opened
    from service.labelling.review import ReviewItem
    from training.article import Article


def review(
    inputs: Annotated[list[str], typer.Argument(help="Files of articles; - for standard input.")],
    count: Annotated[int, typer.Option(min=1, help="How many passages you have time for.")] = 50,
    model: ModelOption = "current",
    store: StoreOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, a line each.")] = False,
) -> None:
    """Say which passages to label next: those that would teach the model most.

    With --json each line is a row for `topicwire correct`, with the labels that the model would
    give: mend them and hand the file back.

    Example: `topicwire review archive.jsonl --json > to_label.jsonl`
    """
    from service.cli.inputs import read_articles
    from service.cli.opening import open_model

    settings = read_settings(store=store)
    articles = read_articles(inputs, settings.max_article_chars)
    opened = open_model(settings, model)
    topics, thresholds = opened.model.taxonomy.ids, opened.model.heads.thresholds
    for item in _pick(articles, opened, count):
        probabilities = dict(zip(topics, item.probabilities.tolist(), strict=True))
        given = item.probabilities >= thresholds
        labels = [topic for topic, there in zip(topics, given, strict=True) if there]
        if as_json:
            rounded = {topic: round(found, 4) for topic, found in probabilities.items()}
            row = {"text": item.text, "labels": labels, "uncertainty": round(item.uncertainty, 4)}
            print_json({**row, "probabilities": rounded})
        else:
            out.print(f"[bold]{item.uncertainty:.2f}[/bold]", ", ".join(labels) or "none")
            out.print(item.text, markup=False)
            out.print()


def _pick(articles: Sequence["Article"], opened: "Opened", count: int) -> "list[ReviewItem]":
    from service.labelling.review import ReviewPool
    from training.encoder import encode_texts
    from training.passages import readings

    passages = opened.model.split(articles, opened.encoder)
    texts = list(dict.fromkeys(readings(passages)))
    with progress_bar("reading") as progress:
        embeddings = encode_texts(opened.encoder, texts, progress=progress)
    heads = opened.model.heads
    pool = ReviewPool(heads.thresholds, limit=len(texts))
    pool.offer(texts, heads.probabilities(embeddings), embeddings)
    return pool.pick(count, known=())
