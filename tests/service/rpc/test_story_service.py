import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc.error_details_pb2 import BadRequest
from grpc_status import rpc_status
from topicwire.v1 import articles_pb2 as articles
from topicwire.v1 import stories_pb2 as pb
from topicwire.v1.stories_pb2_grpc import StoryServiceStub

from tests.fakes import POISON

START = datetime(2026, 3, 1, tzinfo=UTC)
DAM, MORE, CUP = (
    "Blackout after substation fire",
    "Substation fire: blackout ends",
    "Football in the garden",
)


def moment(day):
    message = Timestamp()
    message.FromDatetime(START + timedelta(days=day))
    return message


def article(title, id_="", day=0.0):
    return articles.Article(id=id_, title=title, published_at=moment(day), url=f"http://x/{id_}")


async def assign(stub, *given):
    requests = [pb.AssignStoryRequest(article=each) for each in given]
    return [(await stub.AssignStory(each)).assignment for each in requests]


async def stream(stub, *given):
    requests = (pb.StreamAssignStoriesRequest(article=each) for each in given)
    return [response async for response in stub.StreamAssignStories(requests)]


def wrong_fields(error):
    found = BadRequest()
    assert rpc_status.from_call(error).details[1].Unpack(found)
    return [violation.field for violation in found.field_violations]


async def test_articles_join_and_start_stories_and_have_topics(serving):
    async with serving() as running:
        stub = StoryServiceStub(running.channel)
        first, second, third = await assign(
            stub, article(DAM, "a"), article(MORE, "b"), article(CUP, "c")
        )
        again = await stub.AssignStory(pb.AssignStoryRequest(article=article(CUP, "a")))
    assert [
        (each.article_id, each.story_number, each.started) for each in (first, second, third)
    ] == [("a", 1, True), ("b", 1, False), ("c", 2, True)]
    assert first.topic_ids == ["grid"]
    assert third.topic_ids == []
    assert second.probability > 0.5 > third.probability
    assert again.assignment == first
    assert again.model.number == 1
    assert again.timing.total_time.ToNanoseconds() > 0


async def test_a_stream_is_answered_in_its_order_and_one_bad_article_fails_alone(serving):
    given = [article(f"{DAM} {at}", f"a{at}", at / 100) for at in range(150)]
    given[70] = article(" ", "empty")
    given[80] = article(POISON, "poison")
    async with serving(stream_window=16) as running:
        found = await stream(StoryServiceStub(running.channel), *given)
    assert [each.index for each in found] == [*range(150)]
    assert [each.index for each in found if each.WhichOneof("result") == "error"] == [70, 80]
    assert [each.error.code for each in (found[70], found[80])] == [3, 13]
    assert {each.assignment.article_id for each in found} == {
        "",
        *(f"a{at}" for at in range(150) if at not in {70, 80}),
    }
    assert found[0].assignment.started
    assert found[1].model.number == 1


async def test_the_same_articles_one_by_one_and_in_a_stream_are_in_the_same_stories(
    serving, tmp_path
):
    given = [article(f"{(DAM, CUP)[at % 3 > 1]} {at}", f"a{at}", at / 10) for at in range(60)]
    async with serving(database=f"sqlite:///{tmp_path}/one.db") as running:
        one = await assign(StoryServiceStub(running.channel), *given)
    async with serving(database=f"sqlite:///{tmp_path}/stream.db") as running:
        streamed = await stream(StoryServiceStub(running.channel), *given)
    assert [each.assignment for each in streamed] == one


async def test_what_was_answered_is_there_after_a_restart(serving, tmp_path):
    database = f"sqlite:///{tmp_path}/kept.db"
    async with serving(database=database) as running:
        [first] = await assign(StoryServiceStub(running.channel), article(DAM, "a"))
    async with serving(database=database) as running:
        stub = StoryServiceStub(running.channel)
        [second] = await assign(stub, article(MORE, "b"))
        response = await stub.GetStory(pb.GetStoryRequest(number=first.story_number))
    assert second.story_number == first.story_number
    assert [each.article_id for each in response.articles] == ["a", "b"]


async def test_a_story_comes_with_its_articles_page_by_page(serving):
    async with serving() as running:
        stub = StoryServiceStub(running.channel)
        await stream(stub, *[article(DAM, f"a{at}", at) for at in range(5)])
        found: list[list[str]] = []
        token = ""
        while not found or token:
            response = await stub.GetStory(
                pb.GetStoryRequest(number=1, page_size=2, page_token=token)
            )
            found.append([each.article_id for each in response.articles])
            token = response.next_page_token
    assert found == [["a0", "a1"], ["a2", "a3"], ["a4"]]
    story = response.story
    assert (story.number, story.size, story.open, story.headline) == (1, 5, True, DAM)
    assert [(each.topic_id, each.articles) for each in story.topics] == [("grid", 5)]
    assert (story.first_published_at, story.last_published_at) == (moment(0), moment(4))
    assert set(story.terms) <= {"blackout", "after", "substation", "fire"}
    assert response.articles[0].url == "http://x/a4"
    assert response.articles[0].published_at == moment(4)


async def test_stories_are_listed_by_what_is_asked_and_pages_stay_as_they_are(serving):
    async with serving() as running:
        stub = StoryServiceStub(running.channel)
        titles = ["football one", "recipe two", "garden three", "novel four", "weather five"]
        await stream(stub, *[article(title, title, 3.0 * at) for at, title in enumerate(titles)])

        async def listed(**wanted):
            response = await stub.ListStories(pb.ListStoriesRequest(**wanted))
            return [each.headline for each in response.stories], response.next_page_token

        first, token = await listed(page_size=2)
        await stream(stub, article("football six", "six", 15))
        second, token = await listed(page_size=2, page_token=token)
        third, end = await listed(page_size=2, page_token=token)
        assert [*first, *second, *third] == titles[::-1]
        assert end == ""
        assert await listed(published_after=moment(12)) == (["football six", titles[4]], "")
        assert await listed(published_before=moment(3)) == ([titles[0]], "")
        assert await listed(text="THREE garden") == ([titles[2]], "")
        assert await listed(topic_id="talks") == ([], "")
        assert await listed(min_size=2) == ([], "")


@pytest.mark.parametrize(
    ("call", "request_", "fields"),
    [
        ("AssignStory", pb.AssignStoryRequest(), ["article.body"]),
        ("GetStory", pb.GetStoryRequest(), ["number"]),
        ("GetStory", pb.GetStoryRequest(number=1, page_token="x"), ["page_token"]),
        ("GetStory", pb.GetStoryRequest(number=1, page_size=-1), ["page_size"]),
        (
            "ListStories",
            pb.ListStoriesRequest(
                min_size=-1,
                text="?!",
                topic_id="x" * 300,
                published_after=Timestamp(seconds=10**15),
            ),
            ["published_after", "topic_id", "min_size", "text"],
        ),
        ("ListStories", pb.ListStoriesRequest(page_token="9" * 19), ["page_token"]),
    ],
)
async def test_every_field_that_is_wrong_is_named(serving, call, request_, fields):
    async with serving() as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await getattr(StoryServiceStub(running.channel), call)(request_)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert wrong_fields(caught.value) == fields


async def test_a_story_that_is_not_there_is_not_found(serving):
    async with serving() as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await StoryServiceStub(running.channel).GetStory(pb.GetStoryRequest(number=7))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_watchers_hear_of_all_that_happens_and_go_on_where_they_were(serving):
    async with serving() as running:
        stub = StoryServiceStub(running.channel)
        await stream(stub, article("before", "before"))
        async with watching(stub) as watch:
            start = await anext(watch)
            assert not start.HasField("event")
            await stream(stub, article(DAM, "a"), article(MORE, "b"), article(CUP, "c"))
            heard = [await anext(watch) for _ in range(2)]
        async with watching(stub, heard[0].resume_token) as watch:
            heard += [await anext(watch) for _ in range(3)]
    shown = [
        (
            pb.StoryChange.Name(each.event.change)[13:],
            each.event.story_number,
            each.event.articles[0].article_id,
        )
        for each in heard
        if each.HasField("event")
    ]
    assert shown == [
        ("STARTED", 2, "a"),
        ("JOINED", 2, "b"),
        ("JOINED", 2, "b"),
        ("STARTED", 3, "c"),
    ]


def watching(stub, token=""):
    return aclosing(aiter_of(stub.WatchStories(pb.WatchStoriesRequest(resume_token=token))))


async def aiter_of(call):
    try:
        async for response in call:
            yield response
    finally:
        call.cancel()


@pytest.mark.parametrize("token", ["x", "99", "-1"])
async def test_a_token_that_was_not_given_out_is_refused(serving, token):
    async with serving() as running:
        call = StoryServiceStub(running.channel).WatchStories(
            pb.WatchStoriesRequest(resume_token=token)
        )
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await anext(aiter(call))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert wrong_fields(caught.value) == ["resume_token"]


async def test_a_server_that_stops_sends_watchers_elsewhere_at_once(serving):
    async with serving(drain_seconds=30) as running:
        call = StoryServiceStub(running.channel).WatchStories(pb.WatchStoriesRequest())
        watch = aiter(call)
        await anext(watch)
        async with asyncio.timeout(10):
            await running.server.drain()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await anext(watch)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_database_that_is_away_is_unavailable_and_says_no_more(serving, tmp_path):
    (tmp_path / "file").write_text("")
    async with serving(database=f"sqlite:///{tmp_path}/file/x.db") as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await assign(StoryServiceStub(running.channel), article(DAM))
        [bad] = await stream(StoryServiceStub(running.channel), article(DAM))
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert str(tmp_path) not in str(caught.value.details())
    assert bad.error.code == grpc.StatusCode.UNAVAILABLE.value[0]


async def test_more_articles_than_may_wait_are_refused_at_once(serving, monkeypatch):
    async with serving() as running:
        desk = running.server._stories._desk
        monkeypatch.setattr(desk, "_queue_limit", 0)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await assign(StoryServiceStub(running.channel), article(DAM))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
