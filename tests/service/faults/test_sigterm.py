import asyncio
from collections import Counter
from signal import SIGTERM

import grpc
from sqlalchemy import create_engine, text
from topicwire.v1 import articles_pb2, classification_pb2, stories_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.stories_pb2_grpc import StoryServiceStub

from tests.server_process import classify, told, until

ARTICLE = articles_pb2.Article(body="outage")


async def read(stream):
    """How many answers came, and the status it ended with."""
    answered = 0
    try:
        async for answer in stream:
            answered += answer.HasField("classification")
    except grpc.aio.AioRpcError as error:
        return answered, error.code()
    return answered, grpc.StatusCode.OK


async def begin_stream(channel, *, ends):
    stream = ClassificationServiceStub(channel).StreamClassify()
    for _ in range(40):
        await stream.write(classification_pb2.StreamClassifyRequest(article=ARTICLE))
    if ends:
        await stream.done_writing()
    return stream


async def test_200_calls_and_10_streams_of_40_articles_under_way_are_all_answered(start):
    async def all_wait():
        return await server.waiting() == 600

    server = start(drain_seconds=3)
    async with server.channel() as channel:
        async with server.busy():
            calls = [told(classify(channel)) for _ in range(200)]
            streams = [await begin_stream(channel, ends=at < 8) for at in range(10)]
            await until(all_wait)
            server.signal(SIGTERM)
            await asyncio.to_thread(server.wait_for, "draining")
            late = [await told(classify(channel)) for _ in range(20)]
        answers = Counter(await asyncio.gather(*calls))
        ends = Counter(await asyncio.gather(*map(read, streams)))
    assert answers == {(1, "grid"): 200}
    assert late == [grpc.StatusCode.UNAVAILABLE] * 20
    assert ends == {(40, grpc.StatusCode.OK): 8, (40, grpc.StatusCode.UNAVAILABLE): 2}
    assert server.wait() == 0


async def test_of_callers_that_go_on_each_article_is_answered_or_refused_and_not_kept(start):
    async def place(name):
        article = articles_pb2.Article(id=name, body="outage")
        request = stories_pb2.AssignStoryRequest(article=article)
        try:
            answer = await StoryServiceStub(channel).AssignStory(request)
        except grpc.aio.AioRpcError as error:
            return error.code()
        return answer.assignment.article_id

    async def caller(number):
        found: list[object] = []
        while not found or found[-1] is not grpc.StatusCode.UNAVAILABLE:
            found.append(await place(f"{number}-{len(found)}"))
            if number == len(found) == 20:
                server.signal(SIGTERM)
        return found

    server = start()
    async with server.channel() as channel:
        answers = await asyncio.gather(*map(caller, range(50)))
    assert server.wait() == 0
    engine = create_engine(f"sqlite:///{server.store / 'topicwire.db'}")
    with engine.connect() as connection:
        kept = [*connection.execute(text("SELECT article_id FROM story_articles")).scalars()]
    engine.dispose()
    assert sorted(kept) == sorted(each for found in answers for each in found[:-1])
