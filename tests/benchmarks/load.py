"""Many callers of one text each, against a servicer that calls `model.encode` for each of them."""

import asyncio
import sys
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from time import perf_counter

import grpc
import numpy as np
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

from service.rpc.converters import to_article
from tests.benchmarks.ag_news import read_test_set
from tests.benchmarks.builtin import train_builtin
from tests.benchmarks.servers import running, serving
from tests.ports import free_address

CALLERS = (1, 16, 64, 256)
SECONDS = 8.0
ROUNDS = 1
HEADER = (
    "| callers | plain: calls a second | p99 | Topicwire: calls a second | p99 | ratio |\n"
    "|---|---|---|---|---|---|"
)


def main(data: Path) -> None:
    """Prints calls a second and the 99th percentile of their time, in turns, best of the rounds."""
    model, _ = train_builtin()
    requests = read_requests(data)
    with serving([model]) as ours:
        plain = free_address()
        module = "tests.benchmarks.plain_servicer"
        with running([sys.executable, "-m", module, ours.store, plain]):
            print(HEADER)
            for callers in CALLERS:
                found = [
                    [
                        asyncio.run(ask_in_turn(address, callers, requests))
                        for address in (plain, ours.address)
                    ]
                    for _ in range(ROUNDS)
                ]
                _print_row(callers, *(max(each) for each in zip(*found, strict=True)))


def read_requests(data: Path) -> list[pb.ClassifyRequest]:
    """One for each article of AG News."""
    articles = [to_article(article) for article, _ in read_test_set(data)]
    return [pb.ClassifyRequest(articles=[article]) for article in articles]


def _print_row(callers: int, plain: tuple[float, float], ours: tuple[float, float]) -> None:
    print(
        f"| {callers} | {plain[0]:.0f} | {plain[1] * 1000:.0f} ms | {ours[0]:.0f} | "
        f"{ours[1] * 1000:.0f} ms | {ours[0] / plain[0]:.1f} |",
        flush=True,
    )


async def ask_in_turn(
    address: str, callers: int, requests: Sequence[pb.ClassifyRequest]
) -> tuple[float, float]:
    """Calls a second, and the 99th percentile of their seconds; each caller waits for answers."""
    took: list[float] = []
    texts = cycle(requests)
    async with grpc.aio.insecure_channel(address) as channel:
        stub = ClassificationServiceStub(channel)
        await stub.Classify(next(texts), wait_for_ready=True)  # until it has loaded
        end = perf_counter() + SECONDS

        async def call() -> None:
            while (start := perf_counter()) < end:
                await stub.Classify(next(texts), wait_for_ready=True)
                took.append(perf_counter() - start)

        start = perf_counter()
        await asyncio.gather(*(call() for _ in range(callers)))
        seconds = perf_counter() - start
    return len(took) / seconds, float(np.percentile(took, 99))
