"""Labels on this machine."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from threading import Thread

from service.archive.blocks import Block
from service.archive.engines.engine import Done, Plan
from service.archive.work import Work, Worker
from service.errors import JobFailed

_AHEAD = 2
"""How many blocks wait for each worker, so that it never waits for the reader."""


def run_here(plan: Plan, work: Work) -> Iterator[Done]:
    """In this process; the next block is read while one is labelled."""
    worker = work.open()
    blocks = plan.blocks()
    with ThreadPoolExecutor(1) as reader:
        block = next(blocks, None)
        while block:
            following = reader.submit(next, blocks, None)
            yield Done(block.shard, block.bytes_read, worker(block))
            block = following.result()


@dataclass(frozen=True)
class Processes:
    """In so many processes of their own."""

    count: int

    def __call__(self, plan: Plan, work: Work) -> Iterator[Done]:
        """A process that dies ends the job with JobFailed."""
        under_way: set[Future[Done]] = set()
        with ProcessPoolExecutor(
            self.count, multiprocessing.get_context("spawn"), initializer=_open, initargs=(work,)
        ) as pool:
            try:
                for block in plan.blocks():
                    under_way.add(pool.submit(_label, block))
                    if len(under_way) >= self.count * _AHEAD:
                        yield from _finished(under_way)
                while under_way:
                    yield from _finished(under_way)
            except BrokenProcessPool:
                raise JobFailed(
                    "a worker process died (out of memory?); the same command goes on from here"
                ) from None
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


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


def _label(block: Block) -> Done:
    return Done(block.shard, block.bytes_read, _worker(block))
