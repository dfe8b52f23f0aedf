"""Streams over many connections until it is killed: `python -m tests.vanishing_client ADDRESS`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import grpc
from topicwire.v1 import articles_pb2
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

CONNECTIONS = 40


async def main(address: str) -> None:
    begun = asyncio.Semaphore(0)
    streams = [asyncio.create_task(stream(address, begun)) for _ in range(CONNECTIONS)]
    for _ in streams:
        await begun.acquire()
    sys.stdout.write("streaming\n")
    sys.stdout.flush()
    await asyncio.gather(*streams)


async def stream(address: str, begun: asyncio.Semaphore) -> None:
    """Says so as soon as it has an answer."""
    alone = ("grpc.use_local_subchannel_pool", 1)
    async with grpc.aio.insecure_channel(address, [alone]) as channel:
        stub: Any = ClassificationServiceStub(channel)
        answers = stub.StreamClassify(endless())
        await answers.read()
        begun.release()
        async for _ in answers:
            await asyncio.sleep(0.01)


async def endless() -> AsyncIterator[pb.StreamClassifyRequest]:
    while True:
        yield pb.StreamClassifyRequest(article=articles_pb2.Article(body="outage"))
        await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
