"""Ten times the calls that a server can answer, whether or not it has answered the last.

The server and its callers have cores of their own, so that what callers measure is the server.
"""

import asyncio
import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import grpc
import numpy as np

from tests.benchmarks.builtin import train_builtin
from tests.benchmarks.load import METHOD, ask_in_turn, read_requests
from tests.benchmarks.servers import Served, serving

TIMES = 10
SECONDS = 60.0
DEADLINE = 10.0
"""Seconds that a call may take."""

CALLERS = 64
CONNECTIONS = 8
LOOK_EVERY = 0.5
"""Seconds between two looks at the server's memory."""

USUAL = 100
"""Calls one after the other that say how quick a server is that has nothing else to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call."""

    status: str
    late: float
    """Seconds from when it was due to when it was sent."""
    took: float
    """Seconds from then to its end."""


@dataclass
class Seen:
    """What is seen of a server under load."""

    answers: list[Answer] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    """MiB, before, now and then, and after."""
    seconds: float = 0.0
    """From the first call to when the last was due."""
    busy: float = 0.0
    """Seconds of a core that the callers took meanwhile."""
    recovery: float = 0.0
    """Seconds from then until a call was as quick as usual."""


def main(data: Path) -> None:
    """Prints what became of the calls, and of the server."""
    model, _ = train_builtin()
    requests = read_requests(data)
    with _parted() as cores, serving([model], cores) as server:
        capacity, _ = asyncio.run(ask_in_turn(server.address, CALLERS, requests))
        bodies = [request.SerializeToString() for request in requests]
        seen = asyncio.run(_overload(server, bodies, capacity * TIMES))
    _print(capacity, seen)


@contextmanager
def _parted() -> Iterator[list[int]]:
    """The cores for the server; the last is for its callers alone, if there are several."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[-1:])
    try:
        yield cores[:-1] or cores
    finally:
        os.sched_setaffinity(0, cores)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection: it would hold up the callers, who would blame the server."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _overload(server: Served, bodies: Sequence[bytes], rate: float) -> Seen:
    """Calls at that rate a second, and one after the other before and afterwards."""
    seen = Seen()
    channels = [
        grpc.aio.insecure_channel(server.address, [("grpc.use_local_subchannel_pool", 1)])
        for _ in range(CONNECTIONS)
    ]
    asks: list[Any] = [channel.unary_unary(METHOD) for channel in channels]
    usual = max([(await _call(asks[0], body, 0)).took for body in bodies[:USUAL]])
    watch = asyncio.create_task(_watch(server, seen))
    with _uncollected():
        calls = await _offer(asks, bodies, rate, seen)
    start = perf_counter()
    answer = Answer("", 0.0, 0.0)
    while answer.status != "OK" or answer.took > usual:
        answer = await _call(asks[0], bodies[0], 0)
    seen.recovery = perf_counter() - start
    seen.answers = await asyncio.gather(*calls)
    watch.cancel()
    seen.memory.append(server.memory)
    for channel in channels:
        await channel.close()
    return seen


async def _offer(
    asks: Sequence[Any], bodies: Sequence[bytes], rate: float, seen: Seen
) -> list[asyncio.Task[Answer]]:
    """Every call of the time, each sent when it is due."""
    calls = []
    start, busy = perf_counter(), process_time()
    sent = zip(cycle(asks), cycle(bodies), strict=False)
    for at, (ask, body) in enumerate(islice(sent, int(rate * SECONDS))):
        due = start + at / rate
        await asyncio.sleep(max(0, due - perf_counter()))
        calls.append(asyncio.create_task(_call(ask, body, due)))
    seen.seconds, seen.busy = perf_counter() - start, process_time() - busy
    return calls


async def _call(ask: Any, body: bytes, due: float) -> Answer:
    start = perf_counter()
    status = "OK"
    try:
        await ask(body, timeout=DEADLINE)
    except grpc.aio.AioRpcError as error:
        status = error.code().name
    return Answer(status, start - due, perf_counter() - start)


async def _watch(server: Served, seen: Seen) -> None:
    while True:
        seen.memory.append(await asyncio.to_thread(lambda: server.memory))
        await asyncio.sleep(LOOK_EVERY)


def _print(capacity: float, seen: Seen) -> None:
    late = [answer.late for answer in seen.answers]
    print(f"can answer {capacity:.0f} calls a second to {CALLERS} callers")
    print(f"offered {len(seen.answers) / seen.seconds:.0f} a second for {seen.seconds:.0f} s")
    print("\n| answered with | calls a second | p50 | p99 | longest |\n|---|---|---|---|---|")
    for status in sorted({answer.status for answer in seen.answers}):
        took = [answer.took for answer in seen.answers if answer.status == status]
        times = " | ".join(f"{1000 * at:,.0f} ms" for at in np.percentile(took, [50, 99, 100]))
        print(f"| {status} | {len(took) / seen.seconds:.0f} | {times} |")
    before, after, peak = seen.memory[0], seen.memory[-1], max(seen.memory)
    print(f"\nmemory: {before:.0f} MiB before, {peak:.0f} at most, {after:.0f} after")
    print(f"as quick as before after {seen.recovery:.1f} s")
    print(
        f"the callers took {seen.busy / seen.seconds:.0%} of a core and sent 99 % of the calls"
        f" within {1000 * np.percentile(late, 99):.0f} ms of when they were due"
    )
