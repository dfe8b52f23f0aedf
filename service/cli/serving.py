"""The life of one server process."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

import structlog

from service.labelling.rotation import OpensModels
from service.metrics import exposed
from service.processor import keep_loaded
from service.rpc.server import Server
from service.settings import Settings
from service.tracing import find_tracer
from training.store import Store

log = structlog.get_logger(__name__)


async def run_server(settings: Settings, load: Callable[[Settings], OpensModels]) -> None:
    """Answers until SIGTERM or Ctrl-C, and then finishes what is under way.

    Args:
        settings: say where to listen, and all else.
        load: gives what opens models; it may take its time.
    """
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    with exposed(settings.metrics):
        server = Server(settings, Store(settings.store), find_tracer())
        try:
            await _serve(server, settings, load, stopped)
        finally:
            await server.drain()
    log.info("stopped")


async def _serve(
    server: Server,
    settings: Settings,
    load: Callable[[Settings], OpensModels],
    stopped: asyncio.Event,
) -> None:
    """One server is there at once, to say that it loads; a worker leaves calls to the others."""
    if not settings.share_port:
        await server.start()
        log.info("loading", address=server.address, store=str(settings.store))
    opener = await asyncio.to_thread(load, settings)
    number = await asyncio.to_thread(opener.store.resolve, "current")
    async with server.rotate(opener):
        keep_loaded()
        if settings.share_port:
            await server.start()
        log.info("serving", address=server.address, model=number)
        await (_stop_with_parent(stopped) if settings.share_port else stopped.wait())
        log.info("draining", seconds=settings.drain_seconds)
        await server.refuse()
        await server.drain()


async def _stop_with_parent(stopped: asyncio.Event) -> None:
    """A worker does not outlive the process that would replace it."""
    parent = os.getppid()
    while os.getppid() == parent and not stopped.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), 1)
