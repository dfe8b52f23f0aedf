"""The engine that a user asks for."""

from service.archive.engines.engine import Engine
from service.archive.engines.local import Processes, run_here
from service.archive.engines.on_ray import OnRay
from service.archive.options import EngineName
from service.processor import available_cores

MOST_CORES = 8
"""That one process keeps busy: Python runs in one thread at a time, and takes a tenth of it in the
fast mode. Where there are more cores, each gets a process of its own."""


def pick_workers(name: EngineName, asked: int | None) -> int | None:
    """How many workers there are; None: one for each core of a Ray cluster."""
    if asked or name is EngineName.RAY:
        return asked
    cores = available_cores()
    return 1 if cores <= MOST_CORES else cores


def pick_engine(name: EngineName, ray_address: str | None, workers: int | None) -> Engine:
    """With so many workers, as `pick_workers` says."""
    if name is EngineName.RAY:
        return OnRay(ray_address, workers)
    return Processes(workers) if workers and workers > 1 else run_here
