"""The life of one server process."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

import structlog

from service.labelling.rotation import OpensModels
from service.metrics import exposed
from service.rpc.server import listening
from service.settings import Settings
from training.store import Store

log = structlog.get_logger(__name__)


async def run_server(settings: Settings, load: Callable[[Settings], OpensModels]) -> None:
    """Answers until SIGTERM or Ctrl-C, and then finishes what is under way.

    Args:
        settings: say where to listen, and all else.
        load: gives what opens them; called once the server listens, it may take its time.
    """
    store, stopped = Store(settings.store), asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    with exposed(settings.metrics):
        async with listening(settings, store) as server:
            log.info("loading", address=server.address, store=str(store.root))
            opener = await asyncio.to_thread(load, settings)
            number = await asyncio.to_thread(store.resolve, "current")
            async with server.rotate(opener):
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
