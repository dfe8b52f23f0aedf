"""Servers of benchmarks, each a process of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.ports import free_address
from training.model import Model
from training.store import Store

PATIENCE = 120.0
"""Seconds that a server may take to load."""


@contextmanager
def running(command: Sequence[str | Path], **environment: str) -> Iterator[int]:
    """The id of a process that runs until the context ends."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    address: str
    store: Path
    process: int
    """Its id."""

    @property
    def memory(self) -> float:
        """MiB that it takes; of what it shares with other processes, its part."""
        told = Path(f"/proc/{self.process}/smaps_rollup").read_text()
        [kibibytes] = re.findall(r"^Pss: +(\d+) kB", told, re.MULTILINE)
        return int(kibibytes) / 1024

    @property
    def threads(self) -> int:
        """How many it has."""
        return len([*Path(f"/proc/{self.process}/task").iterdir()])

    @property
    def files(self) -> int:
        """How many it has open, connections among them."""
        return len([*Path(f"/proc/{self.process}/fd").iterdir()])


@contextmanager
def serving(
    models: Sequence[Model], cores: Sequence[int] = (), **environment: str
) -> Iterator[Served]:
    """`topicwire serve` of a store of these models, the first of them in use.

    Args:
        models: what it may answer with.
        cores: that it may use; all by default.
        environment: its settings.
    """
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        numbers = [store.publish(model) for model in models]
        store.promote(numbers[0])
        address = free_address()
        topicwire = Path(sys.executable).with_name("topicwire")
        pinned = ["taskset", "--cpu-list", ",".join(map(str, cores))] if cores else []
        command: list[str | Path] = [
            *pinned,
            topicwire,
            "serve",
            "--store",
            folder,
            "--listen",
            address,
        ]
        with running(command, **environment) as process:
            _await_serving(address)
            yield Served(address, store.root, process)


def _await_serving(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        told = health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=PATIENCE
        )
        next(answer for answer in told if answer.status == answer.SERVING)
        told.cancel()
