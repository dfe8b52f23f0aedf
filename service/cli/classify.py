"""`topicwire classify`."""

from dataclasses import asdict
from typing import Annotated

import typer

from service.cli.highlight import print_labelling
from service.cli.options import JsonOption, ModelOption, StoreOption
from service.cli.screen import print_json
from service.errors import InvalidInput
from service.settings import Settings, read_settings
from training.article import Article
from training.labels import Labelling


def classify(
    text: Annotated[str, typer.Argument(help="The text, a text file, or - for standard input.")],
    title: Annotated[str, typer.Option(help="The headline, if it is not in the text.")] = "",
    server: Annotated[
        str | None, typer.Option(help="HOST:PORT of a server to ask. Default: label right here.")
    ] = None,
    store: StoreOption = None,
    model: ModelOption = "current",
    as_json: JsonOption = False,
) -> None:
    """Say what one article is about, and which passages show it.

    Example: `topicwire classify "Drones hit two substations; half the city is dark."`
    """
    from service.cli.inputs import read_text

    article = Article(title=title, body=read_text(text))
    settings = read_settings(store=store)
    _check(article, settings.max_article_chars)
    if server:
        number, labelling = _label_there(article, server, settings, model)
    else:
        number, labelling = _label_here(article, settings, model)
    if as_json:
        print_json({"model": number, **asdict(labelling)})
    else:
        print_labelling(article, labelling)


def _label_here(article: Article, settings: Settings, model: str) -> tuple[int, Labelling]:
    from service.cli.opening import open_model
    from training.evaluate import label_articles

    opened = open_model(settings, model)
    [labelling] = label_articles(opened.model, opened.encoder, [article])
    return opened.number, labelling


def _label_there(
    article: Article, server: str, settings: Settings, model: str
) -> tuple[int, Labelling]:
    from service.rpc.client import connect

    with connect(server, settings) as client:
        number, [labelling] = client.classify([article], "" if model == "current" else model)
    return number, labelling


def _check(article: Article, max_chars: int) -> None:
    chars = len(article.title) + len(article.body)
    if not (article.title + article.body).strip():
        raise InvalidInput("there is no text to classify")
    if chars > max_chars:
        raise InvalidInput(f"the text has {chars} characters, at most {max_chars} fit")
