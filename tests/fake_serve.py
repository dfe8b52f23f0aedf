"""Serves as `topicwire serve` does, with a fake encoder: `python -m tests.fake_serve [WORKERS]`.

Settings come from the environment, and harm from the folder `FAULTS`. While it has a file
`encoding` or `loading`, that does not go on, and a file `held` says when it has come to that;
`clock` has the hours by which the wall clock is wrong.
"""

import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from time import sleep

from service.cli.serving import run_server
from service.cli.workers import run_workers
from service.clustering import desk
from service.event_loop import run
from service.logs import configure_logs
from service.rpc import feedback
from service.settings import Settings
from tests.fake_opener import FakeOpener
from tests.fakes import FakeEncoder
from training.arrays import Embeddings, Tokens
from training.store import Store

COMMAND = (sys.executable, "-m", "tests.fake_serve")
FAULTS = Path(os.environ.get("FAULTS", "."))


def wait_while(fault: str) -> None:
    while (FAULTS / fault).exists():
        (FAULTS / "held").touch()
        sleep(0.005)


class HeldEncoder(FakeEncoder):
    """Waits while it is told to."""

    def encode_batch(self, batch: Sequence[Tokens]) -> Embeddings:
        wait_while("encoding")
        return super().encode_batch(batch)


class Clock(datetime):
    """The wall clock, right or wrong."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Clock":
        path = FAULTS / "clock"
        return super().now(tz) + timedelta(hours=float(path.read_text()) if path.exists() else 0)


def main(workers: int) -> None:
    configure_logs()
    for module in (desk, feedback):
        module.datetime = Clock  # type: ignore[attr-defined]
    settings = Settings()
    if workers > 1:
        run_workers(workers, settings, COMMAND)
    else:
        run(run_server(settings, load))


def load(settings: Settings) -> FakeOpener:
    wait_while("loading")
    return FakeOpener(Store(settings.store), HeldEncoder())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
