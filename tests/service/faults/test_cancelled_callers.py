"""10,000 callers leave, half of them from streams, while the encoder has no time for them."""

import asyncio
from functools import partial

from topicwire.v1 import articles_pb2, classification_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

from tests.server_process import classify, told, until

TOGETHER = 500
ROOM = 24
"""MiB that the server may grow by; 2.5 KiB left by each caller would be more."""

REQUEST = classification_pb2.StreamClassifyRequest(article=articles_pb2.Article(body="outage"))


async def call_and_leave(server, channel, rounds):
    """Calls are cancelled once all of a round wait for the encoder."""

    stub = ClassificationServiceStub(channel)
    async with server.busy():
        for _ in range(rounds):
            calls = [classify(channel) for _ in range(TOGETHER // 2)]
            streams = [stub.StreamClassify() for _ in range(TOGETHER // 2)]
            await asyncio.gather(*(stream.write(REQUEST) for stream in streams))
            await until(partial(so_many_wait, server, TOGETHER))
            for call in (*calls, *streams):
                call.cancel()
            await until(partial(so_many_wait, server, 0))


async def so_many_wait(server, count):
    return await server.waiting() == count


async def left(server):
    """How many callers were seen to leave."""
    return await server.metric("grpc_server_handled_total", grpc_code="CANCELLED")


async def test_10000_cancelled_callers_leave_nothing_behind(server):
    async def all_left(count):
        return await left(server) == count

    async with server.channel() as channel:
        before = await left(server)
        await call_and_leave(server, channel, 2)
        await until(partial(all_left, before + 1000))
        memory = server.memory()
        await call_and_leave(server, channel, 20)
        await until(partial(all_left, before + 11_000))
        assert server.memory() < memory + ROOM
        assert await told(classify(channel)) == (1, "grid")
