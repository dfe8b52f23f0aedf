"""Labels on a Ray cluster, with Ray Data: readers and labellers run on all of its machines.

The store, the archive and the results must be reachable by the same paths from each of them.
"""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from service.archive.blocks import Shard
from service.archive.engines.engine import Done, Plan
from service.archive.work import Work
from service.errors import JobFailed

if TYPE_CHECKING:
    from ray.data import Dataset

Row: TypeAlias = "dict[str, Any]"


@dataclass(frozen=True)
class OnRay:
    """On the cluster of that address, or on a local one if there is none."""

    address: str | None = None
    workers: int | None = None
    """How many labellers, each on a core of its own; None: one for each core of the cluster."""

    def __call__(self, plan: Plan, work: Work) -> Iterator[Done]:
        """A machine that dies costs no row: its blocks are read and labelled again elsewhere."""
        ray = _import()
        if not ray.is_initialized():
            ray.init(address=self.address, log_to_driver=False, configure_logging=False)
        try:
            for row in self._pipeline(plan, work).iter_rows():
                yield Done(row["shard"], row["bytes_read"], pickle.loads(row["counts"]))  # noqa: S301 - what our own worker said
        except ray.exceptions.RayError as error:
            raise JobFailed(f"Ray: {str(error).strip().splitlines()[-1]}") from error

    def _pipeline(self, plan: Plan, work: Work) -> "Dataset":
        ray = _import()
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.target_max_block_size = 1  # a block of rows is a unit of work however small it is
        cores = int(ray.cluster_resources().get("CPU", 1))
        shards = [{"shard": pickle.dumps(shard)} for shard in plan.shards]
        pipeline: Dataset = (
            ray.data.from_items(shards, override_num_blocks=len(shards))
            .flat_map(_Read(plan), num_cpus=0.01)
            .map(
                _Label,
                fn_constructor_args=[work],
                compute=ray.data.ActorPoolStrategy(size=self.workers or cores),
                num_cpus=0.9,
            )
        )
        return pipeline


class _Read:
    """Reads a shard; takes hardly any of a core beside the labelling."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.__name__ = "read"

    def __call__(self, row: Row) -> Iterator[Row]:
        shard: Shard = pickle.loads(row["shard"])  # noqa: S301 - made by the driver
        for block in self._plan.blocks_of(shard):
            yield {"block": pickle.dumps(block)}


class _Label:
    """A worker in an actor."""

    def __init__(self, work: Work) -> None:
        self._worker = work.open()

    def __call__(self, row: Row) -> Row:
        block = pickle.loads(row["block"])  # noqa: S301 - made by the reader
        counts = self._worker(block)
        return {
            "shard": block.shard,
            "bytes_read": block.bytes_read,
            "counts": pickle.dumps(counts),
        }


def _import() -> Any:  # noqa: ANN401 - Ray's own types say little
    try:
        import ray  # noqa: PLC0415 - an extra
        import ray.data  # noqa: PLC0415
        import ray.exceptions  # noqa: PLC0415
    except ImportError:
        raise JobFailed("Ray needs another package: pip install 'topicwire[ray]'") from None
    return ray
