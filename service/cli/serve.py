"""`topicwire serve`."""

import asyncio
import os
import signal
from contextlib import suppress
from typing import Annotated

import typer

from service.cli.options import StoreOption
from service.settings import Settings, read_settings
from training.encoder import Precision


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
    from service.logs import configure_logs

    configure_logs()
    settings = read_settings(listen=listen, store=store, precision=precision)
    if workers == 1:
        asyncio.run(_serve(settings))
    else:
        _serve_together(workers, settings)


def _serve_together(workers: int, settings: Settings) -> None:
    """Whatever there is to train is trained once, before there are workers."""
    from service.cli.opening import find_model
    from service.cli.workers import run_workers
    from training.store import Store

    find_model(Store(settings.store), settings, "current")
    run_workers(workers, settings)


async def _serve(settings: Settings) -> None:
    import structlog

    from service.cli.opening import find_model
    from service.labelling.opening import Opener
    from service.metrics import exposed
    from service.rpc.server import listening
    from training.store import Store

    log = structlog.get_logger(__name__)
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    store = Store(settings.store)
    with exposed(settings.metrics):
        async with listening(settings, store) as server:
            log.info("loading", address=server.address, store=str(store.root))
            number = await asyncio.to_thread(find_model, store, settings, "current")
            async with server.rotate(Opener(store, settings.precision)):
                log.info("serving", address=server.address, model=number)
                await _stop_with_parent(stopped) if settings.share_port else await stopped.wait()
                log.info("draining", seconds=settings.drain_seconds)
                await server.drain()
    log.info("stopped")


async def _stop_with_parent(stopped: asyncio.Event) -> None:
    """A worker does not outlive the process that would replace it."""
    parent = os.getppid()
    while os.getppid() == parent and not stopped.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), 1)
