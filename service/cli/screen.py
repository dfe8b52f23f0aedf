"""What commands show: results on standard output, progress and remarks on standard error."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from training.encoder import Progress as ProgressCallback

out = Console(highlight=False)
remarks = Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


@contextmanager
def progress_bar(task: str) -> Iterator[ProgressCallback]:
    """A bar on the terminal while the context lasts; nothing where there is no terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=remarks, transient=True) as bar:
        added = bar.add_task(task, total=None)
        yield lambda done, total: bar.update(added, completed=done, total=total)
