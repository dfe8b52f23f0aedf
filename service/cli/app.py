"""The `topicwire` command."""

import sys

import typer
from pydantic import ValidationError

from service.cli import (
    classify,
    cluster,
    correct,
    demo,
    evaluate,
    health,
    label,
    models,
    review,
    serve,
    stories,
    train,
)
from service.processor import limit_torch
from training.errors import TopicwireError

app = typer.Typer(
    help="Reads news and says what each piece is about and which pieces belong together.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command()(train.train)
app.command()(evaluate.evaluate)
app.add_typer(models.app, name="models")
app.command()(classify.classify)
app.command()(label.label)
app.command()(cluster.cluster)
app.add_typer(stories.app, name="stories")
app.command()(review.review)
app.command()(correct.correct)
app.command()(serve.serve)
app.command()(health.health)
app.command()(demo.demo)


def main() -> None:
    """Runs the command; whatever the user can mend ends in one line and exit code 2."""
    limit_torch()
    try:
        app()
    except TopicwireError as error:
        _fail(str(error))
    except ValidationError as error:  # only settings are validated outside the commands
        first = error.errors()[0]
        _fail(f"TOPICWIRE_{str(first['loc'][0]).upper()}: {first['msg']}")
    except BrokenPipeError:
        sys.stderr.close()  # what read our output has gone; there is nobody left to tell
        sys.exit(1)


def _fail(message: str) -> None:
    print(f"error: {message}", file=sys.stderr)  # noqa: T201 - the last word to the user
    sys.exit(2)
