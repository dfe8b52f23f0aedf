"""`topicwire stories …`."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import StoreOption
from service.cli.screen import out, print_json, progress_bar
from service.errors import InvalidInput
from service.settings import read_settings
from training.weights import DEFAULT_ENCODER

if TYPE_CHECKING:
    from service.clustering.kept import KeptStories
    from service.storage.tables import StoryArticleRow
    from training.arrays import Embeddings
    from training.article import Article
    from training.encoder import Progress

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
            load_encoder(encoder, int8=False), [each.article for each in articles], progress
        )
    link = fit_link(articles, embeddings, encoder)
    _write(output, link.model_dump_json(indent=1) + "\n")
    out.print(f"{output}: fitted on {link.articles} articles of {link.stories} stories")


@app.command()
def report(
    output: Annotated[Path, typer.Option(help="The page to write.")] = Path("stories.html"),
    database: Annotated[
        str | None, typer.Option(help="URL of the database. Default: that of the server.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Show the largest stories on one page: over time, how they grew, their articles with links.

    Example: `topicwire stories report --output stories.html`
    """
    from service.clustering.report.rendering import render_stories
    from service.storage.database import open_database
    from service.storage.stories import StoryBook

    settings = read_settings(database=database, store=store)
    page = render_stories(StoryBook(open_database(settings.database_url)))
    _write(output, page)
    out.print(f"wrote {output}")


@app.command()
def replay(
    inputs: Annotated[
        list[str], typer.Argument(help="Files of articles, or - for standard input.")
    ],
    encoder: EncoderOption = DEFAULT_ENCODER,
    database: Annotated[
        str,
        typer.Option(help="URL of a database to keep the stories in. Default: nothing is kept."),
    ] = "sqlite://",
    as_json: Annotated[bool, typer.Option("--json", help="A line for each article.")] = False,
) -> None:
    """Put articles into stories in order of time, as if they came one by one.

    Reads what `topicwire label` reads. Articles without a time come last, in their own order.

    Example: `topicwire stories replay today.jsonl --json`
    """
    from service.cli.inputs import read_articles
    from service.clustering.kept import KeptStories
    from service.clustering.stories import in_order_of_time
    from service.storage.database import open_database
    from service.storage.stories import StoryBook
    from training.pooling import embed_articles
    from training.sentence_encoder import load_encoder
    from training.stories.link import find_link

    settings = read_settings()
    link = find_link(settings.story_link)
    read = read_articles(inputs, settings.max_article_chars)
    articles = [read[at] for at in in_order_of_time(read)]
    engine = open_database(database)
    loaded = load_encoder(encoder, settings.precision, int8=False)
    with progress_bar("encoding") as progress:
        embeddings = embed_articles(loaded, articles, progress)
    kept = KeptStories(engine, link, loaded.reference)
    with progress_bar("following") as progress:
        rows = _follow(kept, articles, embeddings, progress)
    stories = StoryBook(engine).stories_of([row.sequence for row in rows])
    if as_json:
        for article, row in zip(articles, rows, strict=True):
            print_json({"id": article.id, "story": stories[row.sequence], "new": row.started})
    else:
        _print_stories(articles, [stories[row.sequence] for row in rows])


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{output}: {error.strerror}") from None


def _follow(
    kept: "KeptStories",
    articles: Sequence["Article"],
    embeddings: "Embeddings",
    progress: "Progress",
) -> list["StoryArticleRow"]:
    """The articles as they were kept."""
    from service.clustering.desk import MOST_TOGETHER
    from service.clustering.rows import Arrival

    arrivals = [Arrival(*each) for each in zip(articles, embeddings, strict=True)]
    rows: list[StoryArticleRow] = []
    for start in range(0, len(arrivals), MOST_TOGETHER):
        rows += kept.assign(arrivals[start : start + MOST_TOGETHER], datetime.now(UTC))
        progress(len(rows), len(arrivals))
    kept.tidy(datetime.now(UTC))
    return rows


def _print_stories(articles: Sequence["Article"], stories: Sequence[int]) -> None:
    """The largest, each with its first headline."""
    from service.clustering.headlines import headline_of

    members: dict[int, list[Article]] = defaultdict(list)
    for article, story in zip(articles, stories, strict=True):
        members[story].append(article)
    largest = sorted(members.items(), key=lambda story: (-len(story[1]), story[0]))
    for number, own in largest[:MOST_SHOWN]:
        out.print(f"story {number}  {len(own)} articles", style="bold")
        out.print(f"    {headline_of(own[0])}", markup=False)
    out.print(f"{len(articles)} articles, {len(members)} stories")
