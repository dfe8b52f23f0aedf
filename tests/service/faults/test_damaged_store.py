"""The folder of models is damaged while a server answers from it."""

import json
import shutil

import grpc
import pytest
from topicwire.v1 import articles_pb2, feedback_pb2, models_pb2, stories_pb2
from topicwire.v1.feedback_pb2_grpc import FeedbackServiceStub
from topicwire.v1.models_pb2_grpc import ModelServiceStub
from topicwire.v1.stories_pb2_grpc import StoryServiceStub

from tests.server_process import classify, status_of, told
from training.store import Store

OK, FAILED = grpc.StatusCode.OK, grpc.StatusCode.FAILED_PRECONDITION
REFUSED = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND]
FILES = ("manifest.json", "heads.safetensors", "taxonomy.toml", "metrics.json")


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


def delete(path):
    path.unlink()


def promote(channel, number):
    return ModelServiceStub(channel).PromoteModel(models_pb2.PromoteModelRequest(number=number))


def say_current(store, number):
    (store.root / "aliases.json").write_text(json.dumps({"current": number}))


@pytest.mark.parametrize("damage", [flip, cut, empty, delete])
async def test_of_a_damaged_model_each_of_4_files_is_enough_to_refuse_it(server, contrary, damage):
    store = Store(server.store)
    async with server.channel() as channel:
        for name in FILES:
            number = store.publish(contrary)
            damage(store.root / str(number) / name)
            assert await status_of(promote(channel, number)) is FAILED
            assert await told(classify(channel)) == (1, "grid")
    assert store.aliases() == {"current": 1}


async def test_a_half_written_model_that_is_called_current_is_refused_and_a_whole_one_taken(
    start, contrary
):
    server = start()
    store = Store(server.store)
    whole = store.publish(contrary)
    half = store.root / str(whole + 1)
    half.mkdir()
    shutil.copy(store.root / str(whole) / FILES[1], half)
    async with server.channel() as channel:
        say_current(store, whole + 1)
        assert server.wait_for("model refused; the one in use stays")[0]["model"] == whole + 1
        assert await told(classify(channel)) == (1, "grid")
        (store.root / "aliases.json").write_text('{"current":')
        server.wait_for("the store can't be read; the model in use stays")
        assert await told(classify(channel)) == (1, "grid")
        say_current(store, whole)
        server.wait_for("model in use", 2)
        assert await told(classify(channel)) == (whole, "talks")


def correct(channel):
    request = feedback_pb2.SubmitCorrectionRequest(text="outage", topic_ids=["grid"])
    return status_of(FeedbackServiceStub(channel).SubmitCorrection(request))


def place(channel):
    request = stories_pb2.AssignStoryRequest(article=articles_pb2.Article(body="outage"))
    return status_of(StoryServiceStub(channel).AssignStory(request))


async def test_without_its_folder_a_server_answers_on_and_accepts_nothing_that_would_be_lost(start):
    async def ask(number):
        writes = [await correct(channel), await place(channel)]
        promoted = await status_of(promote(channel, number))
        return [*writes, promoted], (await told(classify(channel)))[0]

    server = start()
    away = server.store.with_name("away")
    async with server.channel() as channel:
        before = await ask(2)
        server.store.rename(away)
        gone = await ask(1)
        away.rename(server.store)
        back = await ask(1)
        shutil.rmtree(server.store)
        deleted = await ask(2)
    assert (before, back) == (([OK] * 3, 2), ([OK] * 3, 1))
    assert (gone, deleted) == ((REFUSED, 2), (REFUSED, 1))
