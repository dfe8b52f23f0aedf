"""Many callers of one text each, against what people run instead, in turns.

That is a servicer that calls `model.encode` for each request, in float32 as an encoder comes and in
the precision that Topicwire picks, and infinity-emb's engine in a process without a server.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

import grpc
import numpy as np
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

from service.rpc.channels import OPTIONS
from service.rpc.converters import to_article
from tests.benchmarks.ag_news import read_test_set
from tests.benchmarks.builtin import train_builtin
from tests.benchmarks.peers import Peers
from tests.benchmarks.servers import PATIENCE, running, serving
from tests.ports import free_address
from training.article import Article
from training.encoder import Precision
from training.weights import DEFAULT_ENCODER, find_encoder

CALLERS = (1, 16, 64, 256)
SECONDS = 8.0
ROUNDS = 3
METHOD = "/topicwire.v1.ClassificationService/Classify"

Load: TypeAlias = tuple[float, float]
"""Calls a second, and the 99th percentile of their seconds."""

Ask: TypeAlias = Callable[[int], Load]
"""What comes of so many callers."""


def main(data: Path, peers: Peers) -> None:
    """Prints the median of the rounds."""
    model, _ = train_builtin()
    requests = read_requests(data)
    with ExitStack() as stack:
        ours = stack.enter_context(serving([model]))
        asked: dict[str, Ask] = {"Topicwire": _caller_of(ours.address, requests)}
        for precision in (Precision.FLOAT32, Precision.BFLOAT16):
            address = stack.enter_context(_plain(ours.store, precision))
            asked[f"`model.encode`, {precision}"] = _caller_of(address, requests)
        if peers.infinity:
            asked["infinity-emb"] = _caller_of_infinity(peers.infinity, requests)
        _print_table(asked)


def _print_table(asked: dict[str, Ask]) -> None:
    """What stands first against each of the others."""
    names = [*asked]
    columns = ["callers", *names, *(f"to {each}" for each in names[1:])]
    print(f"| {' | '.join(columns)} |")
    print("|---" * len(columns) + "|")
    for callers in CALLERS:
        rounds = [[ask(callers) for ask in asked.values()] for _ in range(ROUNDS)]
        middle = [sorted(each)[ROUNDS // 2] for each in zip(*rounds, strict=True)]
        cells = [f"{rate:.0f} ({1000 * late:,.0f} ms)" for rate, late in middle]
        ratios = [f"{middle[0][0] / rate:.1f}" for rate, _ in middle[1:]]
        print(f"| {' | '.join([str(callers), *cells, *ratios])} |", flush=True)


@contextmanager
def _plain(store: Path, precision: Precision) -> Iterator[str]:
    """Its address, once it answers."""
    address, module = free_address(), "tests.benchmarks.plain_servicer"
    with running([sys.executable, "-m", module, store, address, precision]):
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(PATIENCE)
        yield address


def _caller_of(address: str, requests: Sequence[pb.ClassifyRequest]) -> Ask:
    return lambda callers: asyncio.run(ask_in_turn(address, callers, requests))


def _caller_of_infinity(python: Path, requests: Sequence[pb.ClassifyRequest]) -> Ask:
    texts = [f"{each.articles[0].title}\n{each.articles[0].body}" for each in requests]
    given = {"encoder": str(find_encoder(DEFAULT_ENCODER)), "texts": texts, "seconds": SECONDS}
    script = Path(__file__).with_name("infinity_peer.py")

    def ask(callers: int) -> Load:
        done = subprocess.run(
            [python, script],
            input=json.dumps({**given, "callers": callers}),
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        rate, late = json.loads(done.stdout)
        return rate, late

    return ask


def read_requests(data: Path) -> list[pb.ClassifyRequest]:
    """One for each article of AG News."""
    return [to_request(article) for article, _ in read_test_set(data)]


def to_request(article: Article) -> pb.ClassifyRequest:
    """A call of this article alone."""
    return pb.ClassifyRequest(articles=[to_article(article)])


async def ask_in_turn(address: str, callers: int, requests: Sequence[pb.ClassifyRequest]) -> Load:
    """Each caller waits for its answer before it asks again; who is refused tries again."""
    took: list[float] = []
    texts = cycle(requests)
    async with grpc.aio.insecure_channel(address, OPTIONS) as channel:
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
