"""`topicwire stories …`."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.screen import out, progress_bar
from service.errors import InvalidInput
from training.weights import DEFAULT_ENCODER

app = typer.Typer(help="Follow running stories.", no_args_is_help=True)


@app.command()
def fit(
    told: Annotated[
        list[Path] | None, typer.Argument(help="JSONL of told stories. Default: the built-in ones.")
    ] = None,
    output: Annotated[Path, typer.Option(help="The file to write.")] = Path("link.json"),
    encoder: Annotated[str, typer.Option(help="Name or folder.")] = DEFAULT_ENCODER,
) -> None:
    """Learn how likely two articles are of one story.

    A row of JSONL holds `story`, any name of it, with `title` or `body` or both, and if known
    `published_at`. Use the file with `TOPICWIRE_STORY_LINK=link.json`.

    Example: `topicwire stories fit my_stories.jsonl --output link.json`
    """
    from training.pooling import embed_articles
    from training.sentence_encoder import load_encoder
    from training.stories.fit import fit_link
    from training.stories.told import builtin_told, load_told

    articles = load_told(told) if told else builtin_told()
    with progress_bar("encoding") as progress:
        embeddings = embed_articles(
            load_encoder(encoder), [each.article for each in articles], progress
        )
    link = fit_link(articles, embeddings, encoder)
    try:
        output.write_text(link.model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{output}: {error.strerror}") from None
    out.print(f"{output}: fitted on {link.articles} articles of {link.stories} stories")
