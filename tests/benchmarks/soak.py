"""Calls, a stream and stories, side by side for half an hour at 80 % of what a server can do.

The news goes by so quickly that stories close as fast as they start once the warm-up is over.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from time import perf_counter
from typing import Any

import grpc
from topicwire.v1 import classification_pb2, stories_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.stories_pb2_grpc import StoryServiceStub

from service.rpc.converters import to_article
from tests.benchmarks.ag_news import read_test_set
from tests.benchmarks.builtin import train_builtin
from tests.benchmarks.load import ask_in_turn, read_requests
from tests.benchmarks.servers import Served, serving
from training.article import Article

MINUTES = 30
WARM_UP = 3
"""Minutes after which memory may not grow."""

SHARE = 0.8
CALLERS = 64
MOST_UNDER_WAY = 256
"""Articles; more are not sent before some are answered."""

KINDS = ("call", "call", "stream", "call", "story")
COST = 6 / 5
"""What an article costs in calls: that of a story is read by two encoders."""

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
PACE = timedelta(days=21) / timedelta(minutes=2)
"""How much quicker the news goes by than time does: stories close within the warm-up."""


def main(data: Path) -> None:
    """Prints the server's memory each minute, and how much it grew after the warm-up."""
    model, _ = train_builtin()
    articles = [article for article, _ in read_test_set(data)]
    with serving([model]) as server:
        capacity, _ = asyncio.run(ask_in_turn(server.address, CALLERS, read_requests(data)))
        rate = SHARE * capacity / COST
        print(f"{capacity:.0f} calls a second at most, so {rate:.0f} articles a second\n")
        print("| minute | answered | failed | MiB |\n|---|---|---|---|")
        memory = asyncio.run(_Soak(server).run(articles, rate))
    first = min(WARM_UP, MINUTES - 1)
    print(f"\n{memory[-1] / memory[first] - 1:+.1%} from minute {first} to minute {MINUTES}")


class _Soak:
    """Sends articles in turns as calls, over a stream, and to stories."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self._counts = Counter[str]()
        self._room = asyncio.Semaphore(MOST_UNDER_WAY)
        self._streamed = asyncio.Queue[classification_pb2.StreamClassifyRequest]()
        self._told = asyncio.Queue[stories_pb2.StreamAssignStoriesRequest]()
        self._calls = set[asyncio.Task[None]]()

    async def run(self, articles: Sequence[Article], rate: float) -> list[float]:
        """MiB before, and after each minute."""
        memory = [self._server.memory]
        async with grpc.aio.insecure_channel(self._server.address) as channel:
            classification: Any = ClassificationServiceStub(channel)
            stories: Any = StoryServiceStub(channel)
            tasks = [
                asyncio.create_task(self._follow(classification.StreamClassify, self._streamed)),
                asyncio.create_task(self._follow(stories.StreamAssignStories, self._told)),
                asyncio.create_task(self._send(articles, rate, classification)),
            ]
            for minute in range(1, MINUTES + 1):
                await asyncio.sleep(60)
                memory.append(self._server.memory)
                answered, failed = self._counts["answered"], self._counts["failed"]
                print(f"| {minute} | {answered:,} | {failed} | {memory[-1]:.0f} |", flush=True)
            for task in tasks:
                assert not task.done()
                task.cancel()
            await asyncio.gather(*tasks, *self._calls, return_exceptions=True)
        return memory

    async def _send(self, articles: Sequence[Article], rate: float, stub: Any) -> None:
        """Each when it is due, or when there is room."""
        start = perf_counter()
        for at, article, kind in zip(count(), cycle(articles), cycle(KINDS), strict=False):
            await asyncio.sleep(max(0, start + at / rate - perf_counter()))
            await self._room.acquire()
            message = to_article(article)
            if kind == "call":
                request = classification_pb2.ClassifyRequest(articles=[message])
                self._calls.add(call := asyncio.create_task(self._wait(stub.Classify(request))))
                call.add_done_callback(self._calls.discard)
            elif kind == "stream":
                asked = classification_pb2.StreamClassifyRequest(article=message)
                self._streamed.put_nowait(asked)
            else:
                time = FIRST + PACE * timedelta(seconds=at / rate)
                dated = to_article(replace(article, id=f"a{at}", published_at=time))
                self._told.put_nowait(stories_pb2.StreamAssignStoriesRequest(article=dated))

    async def _wait(self, call: Awaitable[object]) -> None:
        try:
            await call
        except grpc.aio.AioRpcError:
            self._count("failed")
        else:
            self._count("answered")

    async def _follow(self, stream: Any, queue: asyncio.Queue[Any]) -> None:
        async def requests() -> AsyncIterator[Any]:
            while True:
                yield await queue.get()

        async for answer in stream(requests()):
            self._count("failed" if answer.HasField("error") else "answered")

    def _count(self, what: str) -> None:
        self._counts[what] += 1
        self._room.release()
