import asyncio
import inspect
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from service.errors import CallFailed
from service.rpc.async_client import AsyncClient, connect_async
from service.rpc.channels import IN_FLIGHT
from service.rpc.client import Client, connect
from service.settings import Settings
from service.storage.stories import StoryFilter
from tests.fake_opener import FakeOpener
from tests.fakes import POISON
from tests.streams import take
from training.article import Article
from training.evaluate import label_articles

START = datetime(2026, 3, 1, tzinfo=UTC)
DAM, MORE, CUP = "Blackout after substation fire", "Substation fire: blackout ends", "Football"


def article(title, id_="", day=0.0):
    return Article(id=id_, title=title, published_at=START + timedelta(days=day))


@pytest.fixture(params=["sync", "async"])
def asking(request, serving):
    """A server, and a function that calls it with either client and collects what is streamed."""

    @asynccontextmanager
    async def start(**changes):
        async with serving(**changes) as running:
            address, settings = running.server.address, Settings()
            if request.param == "sync":
                with connect(address, settings) as client:

                    async def ask(name, *args, count=None, **kwargs):
                        def call():
                            found = getattr(client, name)(*args, **kwargs)
                            return [*islice(found, count)] if inspect.isgenerator(found) else found

                        return await asyncio.to_thread(call)

                    yield running, ask
            else:
                async with connect_async(address, settings) as awaited:

                    async def ask(name, *args, count=None, **kwargs):
                        found = getattr(awaited, name)(*args, **kwargs)
                        if not inspect.isasyncgen(found):
                            return await found
                        return await take(found, count)

                    yield running, ask

    return start


def test_both_clients_make_the_same_calls():
    def methods(client):
        return {
            name: [*inspect.signature(method).parameters]
            for name, method in inspect.getmembers(client, inspect.isfunction)
            if not name.startswith("_")
        }

    assert methods(Client) == methods(AsyncClient)


async def test_articles_are_labelled_as_they_are_without_a_server(asking, model, encoder):
    articles = [article(DAM), article(CUP)]
    async with asking() as (_, ask):
        number, labellings = await ask("classify", articles)
        streamed = await ask("classify_stream", articles)
    assert number == 1
    assert labellings == streamed == label_articles(model, encoder, articles)


async def test_more_articles_than_may_be_under_way_are_streamed_and_one_fails_alone(asking):
    articles = [article(f"{DAM} {at}", f"a{at}", at / 100) for at in range(IN_FLIGHT + 50)]
    articles[7] = article(POISON)
    async with asking() as (_, ask):
        labelled = await ask("classify_stream", articles)
        placed = await ask("assign_stories", articles)
    assert len(labelled) == len(placed) == len(articles)
    for answers in (labelled, placed):
        [bad] = [each for each in answers if isinstance(each, CallFailed)]
        assert bad is answers[7]
        assert str(bad) == "INTERNAL: internal error"
    assert placed[8].article_id == "a8"


async def test_a_refused_stream_says_why_each_time(asking, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text("use a-token-that-nobody-here-has\n")
    async with asking(tokens=tokens) as (_, ask):
        for _ in range(20):
            with pytest.raises(CallFailed, match="UNAUTHENTICATED"):
                await ask("classify_stream", [article(DAM)] * 100)


async def test_who_takes_but_a_few_answers_of_an_endless_stream_is_let_go(asking):
    def endless():
        while True:
            yield article(DAM)

    async with asking() as (_, ask), asyncio.timeout(20):
        assert len(await ask("classify_stream", endless(), count=3)) == 3


async def test_stories_are_followed_found_and_watched(asking):
    async with asking() as (_, ask):
        first = await ask("assign_story", article(DAM, "a"))
        second = await ask("assign_story", article(MORE, "b", 1))
        await ask("assign_story", article(CUP, "c", 2))
        story, articles = await ask("story", 1)
        stories = await ask("stories")
        long_ones = await ask("stories", StoryFilter(min_size=2))
        happened = await ask("watch_stories", "0", count=2)
        later = await ask("watch_stories", happened[0].token, count=1)
        with pytest.raises(CallFailed, match="NOT_FOUND"):
            await ask("story", 9)
    assert (first.story, first.started, first.topics) == (1, True, ("grid",))
    assert (second.story, second.started) == (1, False)
    assert (story.number, story.size, story.topics, story.is_open) == (1, 2, {"grid": 2}, True)
    assert story.last_published_at == START + timedelta(days=1)
    assert [each.article_id for each in articles] == ["a", "b"]
    assert ([each.number for each in stories], long_ones) == ([2, 1], [story])
    assert [(each.change, each.story, each.other) for each in happened] == [
        ("started", 1, 0),
        ("joined", 1, 0),
    ]
    assert later == happened[1:]
    assert later[0].articles[0].headline == MORE


async def test_a_story_of_many_articles_comes_whole(asking):
    articles = [article(DAM, f"a{at}", at / 100) for at in range(130)]
    async with asking() as (_, ask):
        await ask("assign_stories", articles)
        _, told = await ask("story", 1)
    assert [each.article_id for each in told] == [each.id for each in articles]


async def test_many_stories_are_listed_page_by_page(asking):
    articles = [article(f"alpha{at} beta{at} gamma{at}", day=at) for at in range(120)]
    async with asking() as (_, ask):
        await ask("assign_stories", articles)
        found = await ask("stories")
    assert [story.number for story in found] == [*range(120, 0, -1)]


async def test_clusters_health_and_models_are_asked_for(asking, model):
    async with asking() as (running, ask):
        running.store.publish(model)
        opener = FakeOpener(running.store, running.live.labeller.encoder)
        async with running.server.rotate(opener):
            assert len((await ask("cluster", [article(DAM), article(MORE)])).clusters) == 1
            assert await ask("is_serving")
            assert await ask("promote_model", 2) == 2
            assert await ask("rollback_model") == 1


async def test_a_refused_call_is_tried_again(asking):
    async with asking() as (running, ask):
        live, running.server._slot.live = running.server._slot.live, None
        asyncio.get_running_loop().call_later(0.3, setattr, running.server._slot, "live", live)
        number, _ = await ask("classify", [article(DAM)])
    assert number == 1
