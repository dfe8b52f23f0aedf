"""Two workers share a port; one is killed (`kill -9`) and replaced."""

import asyncio
import os
import signal
from collections import Counter

import pytest
from grpc import StatusCode
from sqlalchemy import create_engine, text

from service.rpc.async_client import AsyncClient
from service.rpc.channels import OPTIONS
from tests.server_process import classify, told, until
from training.article import Article

CALLERS = 8
"""Each on a connection of its own, so that both workers have some."""
AFTER = 5
"""Calls that each makes once the worker is replaced."""


@pytest.fixture(scope="module")
def workers(begin, tmp_path_factory):
    server = begin(tmp_path_factory.mktemp("workers"), workers=2)
    yield server
    server.end()


def kill_one(server):
    """The youngest; gone when this returns."""
    died = len(server.logged("worker died"))
    os.kill(server.logged("worker started")[-1]["pid"], signal.SIGKILL)
    assert server.wait_for("worker died", died + 1)[-1]["code"] == -signal.SIGKILL


def see_one_replaced(server):
    served = len(server.logged("serving"))
    kill_one(server)
    server.wait_for("serving", served + 1)


async def load(server, ask, *options):
    """What each caller is told, call after call, while a worker is killed and replaced."""
    replaced = asyncio.create_task(asyncio.to_thread(see_one_replaced, server))

    async def caller(number):
        found: list[object] = []
        after = 0
        async with server.channel(*options) as channel:
            while after < AFTER:
                after += replaced.done()
                found.append(await ask(channel, f"{number}-{len(found)}"))
                await asyncio.sleep(0.01)  # who is refused comes back at once otherwise
        return found

    answers = await asyncio.gather(*map(caller, range(CALLERS)))
    await replaced
    return answers


async def test_calls_are_answered_or_unavailable_and_the_last_40_of_40_are_answered(workers):
    answers = await load(workers, lambda channel, _: told(classify(channel)))
    counted = Counter(each for found in answers for each in found)
    assert {*counted} <= {(1, "grid"), StatusCode.UNAVAILABLE}
    assert [found[-AFTER:] for found in answers] == [[(1, "grid")] * AFTER] * CALLERS


async def test_with_the_client_s_retries_all_articles_are_answered_and_kept_once_each(workers):
    async def place(channel, name):
        placed = await AsyncClient(channel).assign_story(Article(id=name, title="outage"))
        return placed.article_id, placed.story

    answers = await load(workers, place, *OPTIONS)
    engine = create_engine(f"sqlite:///{workers.store / 'topicwire.db'}")
    with engine.connect() as connection:
        kept = [*connection.execute(text("SELECT article_id, story FROM story_articles"))]
    engine.dispose()
    assert sorted(map(tuple, kept)) == sorted(each for found in answers for each in found)


async def test_until_a_killed_worker_is_replaced_the_other_answers_40_of_40_new_callers(workers):
    served, found = len(workers.logged("serving")), []
    with workers.held("loading"):
        kill_one(workers)
        await until(workers.is_held)
        for _ in range(40):
            async with workers.channel() as channel:
                found.append(await told(classify(channel)))
    assert found == [(1, "grid")] * 40
    await asyncio.to_thread(workers.wait_for, "serving", served + 1)
