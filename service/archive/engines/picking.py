"""The engine that a user asks for."""

from service.archive.engines.engine import Engine
from service.archive.engines.local import Processes, run_here
from service.archive.engines.on_ray import OnRay
from service.archive.options import EngineName
from service.processor import available_cores


def pick_engine(name: EngineName, ray_address: str | None, workers: int | None) -> Engine:
    """So many workers there; by default one for each core."""
    if name is EngineName.RAY:
        return OnRay(ray_address, workers)
    count = workers or available_cores()
    return Processes(count) if count > 1 else run_here
