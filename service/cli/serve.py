"""`topicwire serve`."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import StoreOption
from service.settings import Settings, read_settings
from training.encoder import Precision

if TYPE_CHECKING:
    from service.labelling.opening import Opener


def serve(
    listen: Annotated[
        str | None, typer.Option(help="HOST:PORT to listen on; port 0 takes a free one.")
    ] = None,
    store: StoreOption = None,
    precision: Annotated[
        Precision | None, typer.Option(help="Number format of the encoder.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
) -> None:
    """Answer over gRPC until SIGTERM or Ctrl-C. Every setting is a TOPICWIRE_ variable too.

    Example: `topicwire serve --listen 127.0.0.1:50051`
    """
    from service.cli.serving import run_server
    from service.cli.workers import run_workers
    from service.event_loop import run
    from service.logs import configure_logs

    configure_logs()
    settings = read_settings(listen=listen, store=store, precision=precision)
    if workers == 1:
        run(run_server(settings, _load))
    else:
        _load(settings)  # what there is to train is trained once
        run_workers(workers, settings)


def _load(settings: Settings) -> "Opener":
    """What opens the store's models; an empty store is given the built-in one first."""
    from service.cli.opening import find_model
    from service.labelling.opening import Opener
    from training.store import Store

    store = Store(settings.store)
    find_model(store, settings, "current")
    return Opener(store, settings.precision)
