"""Shows how far a job is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from service.cli.screen import remarks

if TYPE_CHECKING:
    from service.archive.job import Status

EVERY_SECONDS = 5.0


@contextmanager
def watching(*, lines: bool) -> Iterator[Callable[["Status"], None]]:
    """What is told of a job shows on the terminal, or as a line now and then."""
    start = monotonic()
    if remarks.is_terminal:
        columns = (
            TextColumn("{task.description}", markup=False),
            *(BarColumn(), TaskProgressColumn(), TimeRemainingColumn()),
        )
        with Progress(*columns, console=remarks, transient=True) as bar:
            task = bar.add_task("opening the model", total=1.0)
            yield lambda status: bar.update(
                task, completed=status.share, description=_describe(status, monotonic() - start)
            )
    elif lines:
        yield _Lines(start)
    else:
        yield lambda _: None


class _Lines:
    def __init__(self, start: float) -> None:
        self._start = start
        self._last = start - EVERY_SECONDS

    def __call__(self, status: "Status") -> None:
        now = monotonic()
        if now - self._last >= EVERY_SECONDS or status.share == 1:
            self._last = now
            elapsed = now - self._start
            left = f", {_left(status, elapsed)} left" if status.share > status.share_before else ""
            said = f"{status.share:.0%}: {_describe(status, elapsed)}{left}"
            remarks.print(said, markup=False, soft_wrap=True)


def _describe(status: "Status", elapsed: float) -> str:
    rate = status.fresh / elapsed if elapsed else 0.0
    found = "".join(f", {number:,} {topic}" for topic, number in status.counts.commonest[:4])
    return f"{status.counts.articles:,} articles ({rate:,.0f} a second){found}"


def _left(status: "Status", elapsed: float) -> str:
    seconds = elapsed * (1 - status.share) / (status.share - status.share_before)
    return f"{int(seconds // 60)}:{int(seconds % 60):02}"
