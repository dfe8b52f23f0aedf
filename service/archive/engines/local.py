"""Labels on this machine."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait as wait_for
from threading import Thread

from service.archive.blocks import Block
from service.archive.engines.engine import Done, Plan
from service.archive.work import Work, Worker
from service.errors import JobFailed

AT_ONCE = 3
"""How many blocks one worker labels at once: while one is encoded, another is read by the tokenizer
and a third written."""

_AHEAD = 2
"""How many blocks there are for each thread or process, so that none waits for the reader."""


def run_here(plan: Plan, work: Work) -> Iterator[Done]:
    """In threads of this process."""
    label = partial(_label, work.open())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from _run(pool, AT_ONCE, plan, label)


@dataclass(frozen=True)
class Processes:
    """In so many processes of their own."""

    count: int

    def __call__(self, plan: Plan, work: Work) -> Iterator[Done]:
        """A process that dies ends the job with JobFailed."""
        with ProcessPoolExecutor(
            self.count, multiprocessing.get_context("spawn"), initializer=_open, initargs=(work,)
        ) as pool:
            try:
                yield from _run(pool, self.count, plan, _label_there)
            except BrokenProcessPool:
                raise JobFailed(
                    "a worker process died (out of memory?); the same command goes on from here"
                ) from None


def _run(pool: Executor, count: int, plan: Plan, label: Callable[[Block], Done]) -> Iterator[Done]:
    under_way: set[Future[Done]] = set()
    try:
        for block in plan.blocks():
            under_way.add(pool.submit(label, block))
            if len(under_way) >= count * _AHEAD:
                yield from _finished(under_way)
        while under_way:
            yield from _finished(under_way)
    finally:
        pool.shutdown(cancel_futures=True)


def _finished(under_way: set[Future[Done]]) -> Iterator[Done]:
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        under_way.remove(future)
        yield future.result()


_worker: Worker


def _open(work: Work) -> None:
    """Prepares a process: Ctrl-C is its parent's affair, and it must not outlive its parent."""
    global _worker  # noqa: PLW0603 - a pool's initializer has no other way to leave anything
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _worker = work.open()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        wait_for([parent.sentinel])
        os._exit(1)


def _label_there(block: Block) -> Done:
    return _label(_worker, block)


def _label(worker: Worker, block: Block) -> Done:
    return Done(block.shard, block.bytes_read, worker(block))
