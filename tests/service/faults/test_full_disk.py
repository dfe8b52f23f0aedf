"""No file may grow (`RLIMIT_FSIZE`), which is what a full disk is to a server."""

from contextlib import contextmanager
from resource import RLIMIT_FSIZE, prlimit

import grpc
from topicwire.v1 import articles_pb2, feedback_pb2, models_pb2, stories_pb2
from topicwire.v1.feedback_pb2_grpc import FeedbackServiceStub
from topicwire.v1.models_pb2_grpc import ModelServiceStub
from topicwire.v1.stories_pb2_grpc import StoryServiceStub

from service.storage.corrections import Corrections
from service.storage.database import open_database
from tests.server_process import classify, status_of, told
from training.store import Store

CODES = grpc.StatusCode
KEPT = ("second", "fourth")


@contextmanager
def full_disk(server):
    _, most = prlimit(server.pid, RLIMIT_FSIZE)
    prlimit(server.pid, RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        prlimit(server.pid, RLIMIT_FSIZE, (most, most))


def correct(channel, name):
    request = feedback_pb2.SubmitCorrectionRequest(text=f"outage {name}", topic_ids=["grid"])
    return status_of(FeedbackServiceStub(channel).SubmitCorrection(request))


def place(channel, name):
    article = articles_pb2.Article(id=name, body="outage")
    request = stories_pb2.AssignStoryRequest(article=article)
    return status_of(StoryServiceStub(channel).AssignStory(request))


def promote(channel):
    request = models_pb2.PromoteModelRequest(number=2)
    return status_of(ModelServiceStub(channel).PromoteModel(request))


def texts_of(server):
    engine = open_database(f"sqlite:///{server.store / 'topicwire.db'}")
    texts = [each.text for each in Corrections(engine).all()]
    engine.dispose()
    return texts


async def write_all(channel, name):
    return [await write(channel, f"{name} {at}") for at in range(20) for write in (correct, place)]


async def test_on_a_full_disk_80_of_80_writes_are_refused_and_with_room_80_of_80_kept(start):
    server = start()
    async with server.channel() as channel:
        with full_disk(server):  # before there is a database
            refused = [await write_all(channel, "first")]
        kept = [await write_all(channel, "second")]
        with full_disk(server):
            refused += [await write_all(channel, "third")]
            promoted = [await promote(channel)]
            assert await told(classify(channel)) == (1, "grid")
        kept += [await write_all(channel, "fourth")]
        promoted += [await promote(channel)]
    assert refused == [[CODES.UNAVAILABLE] * 40] * 2
    assert kept == [[CODES.OK] * 40] * 2
    assert promoted == [CODES.FAILED_PRECONDITION, CODES.OK]
    assert Store(server.store).aliases() == {"current": 2, "previous": 1}
    assert texts_of(server) == [f"outage {turn} {at}" for turn in KEPT for at in range(20)]
