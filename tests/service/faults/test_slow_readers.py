import asyncio

from topicwire.v1 import articles_pb2, classification_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

from tests.server_process import classify, told, until

SENT = 6000
BODY = "outage " + "x" * 16_000
ROOM = 64
"""MiB that the server may grow by; what is sent are 90."""


async def test_of_6000_articles_whose_answers_are_not_read_the_server_takes_few_until_they_are(
    server,
):
    written, others = 0, []

    async def write(stream):
        nonlocal written
        for _ in range(SENT):
            article = articles_pb2.Article(body=BODY)
            await stream.write(classification_pb2.StreamClassifyRequest(article=article))
            written += 1
        await stream.done_writing()

    async def stuck():
        """Nothing more is taken while 50 others are answered."""
        before = written
        others.extend([await told(classify(channel)) for _ in range(50)])
        return 0 < before == written

    async with server.channel() as channel, server.channel() as slow:
        memory = server.memory()
        stream = ClassificationServiceStub(slow).StreamClassify()
        writing = asyncio.create_task(write(stream))
        await until(stuck)
        assert written < SENT
        assert server.memory() < memory + ROOM
        assert {*others} == {(1, "grid")}
        assert [answer.index async for answer in stream] == [*range(SENT)]
        await writing
