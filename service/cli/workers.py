"""Several server processes on one port."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event

import structlog

from service.errors import AddressInUse
from service.processor import available_cores
from service.settings import Settings

COMMAND = (sys.executable, "-c", "from service.cli.app import main; main()", "serve")

LOOK_EVERY = 0.5
"""Seconds between two looks at whether all are alive."""

log = structlog.get_logger(__name__)


def run_workers(count: int, settings: Settings, command: Sequence[str] = COMMAND) -> None:
    """Keeps so many processes running until SIGTERM or Ctrl-C; one that dies is replaced.

    The kernel hands each new connection to one of them. They share the store and the database.

    Args:
        count: how many.
        settings: of each.
        command: starts one; it is told its settings by the environment.
    """
    stopped = Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    with _reserved(settings.listen) as address:
        told = [_settings_of(number, count, address, settings) for number in range(count)]
        running = [_start(number, command, each) for number, each in enumerate(told)]
        while not stopped.wait(LOOK_EVERY):
            for number, process in enumerate(running):
                if process.poll() is not None:
                    log.error("worker died", worker=number, code=process.returncode)
                    running[number] = _start(number, command, told[number])
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
    log.info("all workers stopped")


def _settings_of(number: int, count: int, address: str, settings: Settings) -> dict[str, str]:
    """What differs from worker to worker, and what the command line may have changed."""
    return {
        "TOPICWIRE_LISTEN": address,
        "TOPICWIRE_SHARE_PORT": "true",
        "TOPICWIRE_STORE": str(settings.store),
        "TOPICWIRE_PRECISION": settings.precision.value,
        "TOPICWIRE_METRICS": _next_port(settings.metrics, number),
        "OMP_NUM_THREADS": str(max(1, available_cores() // count)),
    }


def _start(
    number: int, command: Sequence[str], told: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    # In a group of its own, so that Ctrl-C reaches it through its parent alone.
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, env={**os.environ, **told}, start_new_session=True
    )
    log.info("worker started", worker=number, pid=process.pid)
    return process


@contextmanager
def _reserved(listen: str) -> Iterator[str]:
    """The address with a port that stays ours to share while the context lasts."""
    host, _, port = listen.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as place:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            place.bind((host.strip("[]"), int(port)))
            yield f"{host}:{place.getsockname()[1]}"
    except (OSError, ValueError, OverflowError):
        raise AddressInUse(listen) from None


def _next_port(address: str, number: int) -> str:
    """Workers answer Prometheus on ports one after another."""
    host, _, port = address.rpartition(":")
    return f"{host}:{int(port) + number}" if port.isdecimal() else address
