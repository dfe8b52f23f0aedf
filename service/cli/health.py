"""`topicwire health`."""

from typing import Annotated

import typer

from service.cli.screen import out
from service.settings import read_settings


def health(
    server: Annotated[
        str | None, typer.Option(help="HOST:PORT. Default: where `serve` listens.")
    ] = None,
    service: Annotated[
        str, typer.Option(help="Such as topicwire.v1.StoryService. Default: the whole server.")
    ] = "",
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to wait for an answer.")] = 5.0,
) -> None:
    """Say whether a server answers calls; exit code 0 if it does, 1 if not yet, 2 without answer.

    Example: `topicwire health --server 127.0.0.1:50051`
    """
    from service.rpc.client import connect

    settings = read_settings()
    with connect(server or settings.listen, settings) as client:
        is_serving = client.is_serving(service, seconds)
    out.print("serving" if is_serving else "not serving")
    if not is_serving:
        raise typer.Exit(1)
