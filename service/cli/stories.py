"""`topicwire stories …`."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.screen import out, print_json, progress_bar
from service.errors import InvalidInput
from service.settings import read_settings
from training.weights import DEFAULT_ENCODER

if TYPE_CHECKING:
    from service.clustering.stories import Assigned
    from training.article import Article

MOST_SHOWN = 20

EncoderOption = Annotated[str, typer.Option(help="Name or folder.")]

app = typer.Typer(help="Follow running stories.", no_args_is_help=True)


@app.command()
def fit(
    told: Annotated[
        list[Path] | None, typer.Argument(help="JSONL of told stories. Default: the built-in ones.")
    ] = None,
    output: Annotated[Path, typer.Option(help="The file to write.")] = Path("link.json"),
    encoder: EncoderOption = DEFAULT_ENCODER,
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


@app.command()
def replay(
    inputs: Annotated[
        list[str], typer.Argument(help="Files of articles, or - for standard input.")
    ],
    encoder: EncoderOption = DEFAULT_ENCODER,
    as_json: Annotated[bool, typer.Option("--json", help="A line for each article.")] = False,
) -> None:
    """Put articles into stories in order of time, as if they came one by one.

    Reads what `topicwire label` reads. Articles without a time come last, in their own order.

    Example: `topicwire stories replay today.jsonl --json`
    """
    from service.cli.inputs import read_articles
    from service.clustering.stories import Stories, in_order_of_time
    from training.pooling import embed_articles
    from training.sentence_encoder import load_encoder
    from training.stories.link import find_link

    settings = read_settings()
    link = find_link(settings.story_link)
    read = read_articles(inputs, settings.max_article_chars)
    articles = [read[at] for at in in_order_of_time(read)]
    loaded = load_encoder(encoder, settings.precision)
    with progress_bar("encoding") as progress:
        embeddings = embed_articles(loaded, articles, progress)
    stories = Stories(link, loaded.reference.dimension)
    found = [stories.assign(*each) for each in zip(articles, embeddings, strict=True)]
    if as_json:
        for article, assigned in zip(articles, found, strict=True):
            print_json({"id": article.id, "story": assigned.story, "new": assigned.is_new})
    else:
        _print_stories(articles, found)


def _print_stories(articles: Sequence["Article"], found: Sequence["Assigned"]) -> None:
    """The largest, each with its first headline."""
    from service.clustering.clusters import headline_of

    members: dict[int, list[Article]] = defaultdict(list)
    for article, assigned in zip(articles, found, strict=True):
        members[assigned.story].append(article)
    largest = sorted(members.items(), key=lambda story: (-len(story[1]), story[0]))
    for number, own in largest[:MOST_SHOWN]:
        out.print(f"story {number}  {len(own)} articles", style="bold")
        out.print(f"    {headline_of(own[0])}", markup=False)
    out.print(f"{len(articles)} articles, {len(members)} stories")
