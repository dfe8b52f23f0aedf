import asyncio
from collections import Counter

from topicwire.v1 import articles_pb2, classification_pb2, models_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.models_pb2_grpc import ModelServiceStub

from tests.server_process import classify, told

CALLERS = 8
SWAPS = 20
WHOLE = {(1, "grid", "talks", "grid"), (2, "talks", "grid", "talks")}
"""What the two models say of one request; a mixture would be of both."""


async def test_while_models_are_swapped_20_times_every_answer_is_of_one_of_them(start):
    server = start(named_models=0)
    swapped = asyncio.Event()

    async def caller():
        found = []
        while not swapped.is_set():
            found.append(await told(classify(channel, "outage", "summit", "outage")))
        return found

    async def endless():
        while not swapped.is_set():
            article = articles_pb2.Article(body="outage")
            yield classification_pb2.StreamClassifyRequest(article=article)
            await asyncio.sleep(0.005)  # leaves the callers some time

    async def stream():
        answers = ClassificationServiceStub(channel).StreamClassify(endless())
        return [
            (each.model.number, *(label.topic_id for label in each.classification.labels))
            async for each in answers
        ]

    async with server.channel() as channel:
        callers = [asyncio.create_task(caller()) for _ in range(CALLERS)]
        streaming = asyncio.create_task(stream())
        for at in range(SWAPS):
            request = models_pb2.PromoteModelRequest(number=2 - at % 2)
            await ModelServiceStub(channel).PromoteModel(request)
        swapped.set()
        answered = Counter([each for one in callers for each in await one])
        streamed = Counter(await streaming)
    assert {*answered} == WHOLE
    assert {*streamed} == {(1, "grid"), (2, "talks")}
