"""`topicwire review`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.screen import out, print_json, progress_bar
from service.settings import Settings, read_settings

if TYPE_CHECKING:
    from training.article import Article


def review(
    inputs: Annotated[
        list[str], typer.Argument(help="JSONL files of articles; - for standard input.")
    ],
    count: Annotated[int, typer.Option(min=1, help="How many passages you have time for.")] = 50,
    model: Annotated[str, typer.Option(help="Number or alias of the model.")] = "current",
    store: Annotated[Path | None, typer.Option(help="Folder of models.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, a line each.")] = False,
) -> None:
    """Say which passages to label next: those that would teach the model most.

    With --json each line is a row for `topicwire correct`, with the labels that the model would
    give: mend them and hand the file back.

    Example: `topicwire review archive.jsonl --json > to_label.jsonl`
    """
    from service.cli.inputs import read_articles

    settings = read_settings(store=store)
    for item in _pick(read_articles(inputs), count, model, settings):
        if as_json:
            print_json(item)
        else:
            labels = ", ".join(map(str, item["labels"])) or "none"  # type: ignore[call-overload]
            out.print(f"[bold]{item['uncertainty']:.2f}[/bold] {labels}", highlight=False)
            out.print(str(item["text"]), markup=False)
            out.print()


def _pick(
    articles: Sequence["Article"], count: int, model: str, settings: Settings
) -> list[dict[str, object]]:
    from service.cli.opening import open_model
    from training.encoder import encode_texts
    from training.review import pick_for_review, uncertainty

    opened = open_model(settings, model)
    passages = [p.text for each in articles for p in opened.model.split(each, opened.encoder)]
    texts = list(dict.fromkeys(passages))
    with progress_bar("reading") as progress:
        embeddings = encode_texts(opened.encoder, texts, progress=progress)
    heads, topics = opened.model.heads, opened.model.taxonomy.ids
    probabilities = heads.probabilities(embeddings)
    unsure = uncertainty(probabilities, heads.thresholds)
    return [
        {
            "text": texts[at],
            "labels": [
                topic
                for topic, there in zip(topics, probabilities[at] >= heads.thresholds, strict=True)
                if there
            ],
            "uncertainty": round(float(unsure[at]), 4),
            "probabilities": dict(zip(topics, probabilities[at].round(4).tolist(), strict=True)),
        }
        for at in pick_for_review(probabilities, heads.thresholds, embeddings, count).tolist()
    ]
