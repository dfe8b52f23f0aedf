import asyncio
from urllib.request import urlopen

import grpc
import pytest
from prometheus_client import REGISTRY
from topicwire.v1 import articles_pb2 as articles
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1 import models_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.models_pb2_grpc import ModelServiceStub

from service.call import Call
from service.errors import AddressInUse
from service.metrics import exposed, measured, tell_model
from tests.fake_opener import FakeOpener
from tests.ports import free_address
from tests.waiting import until

OUTAGE = pb.ClassifyRequest(articles=[articles.Article(body="outage")])
SERVICE = "topicwire.v1.ClassificationService"


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


def handled(method, code, kind="unary", service=SERVICE):
    labels = {"grpc_type": kind, "grpc_service": service, "grpc_method": method}
    return value("grpc_server_handled_total", grpc_code=code, **labels)


async def test_calls_are_counted_by_how_they_ended(serving):
    codes = ("OK", "INVALID_ARGUMENT")
    before = [handled("Classify", code) for code in codes]
    streams = handled("StreamClassify", "OK", "bidi_stream")
    async with serving() as running:
        stub = ClassificationServiceStub(running.channel)
        await stub.Classify(OUTAGE)
        with pytest.raises(grpc.aio.AioRpcError):
            await stub.Classify(pb.ClassifyRequest())
        [_ async for _ in stub.StreamClassify(iter([pb.StreamClassifyRequest()]))]
    assert [handled("Classify", code) for code in codes] == [count + 1 for count in before]
    assert handled("StreamClassify", "OK", "bidi_stream") == streams + 1
    labels = {"grpc_type": "unary", "grpc_service": SERVICE, "grpc_method": "Classify"}
    assert value("grpc_server_handling_seconds_count", **labels) >= 2


async def test_a_call_that_its_caller_has_left_is_counted_as_cancelled(serving, encoder):
    before = handled("Classify", "CANCELLED")
    async with serving() as running:
        encoder.gate.clear()
        encoder.entered.clear()
        call = ClassificationServiceStub(running.channel).Classify(OUTAGE)
        await asyncio.to_thread(encoder.entered.wait)
        waiting = value("topicwire_queue_passages")
        call.cancel()
        await until(lambda: handled("Classify", "CANCELLED") > before)
        encoder.gate.set()
    assert waiting == 0  # it is with the encoder


async def test_what_the_encoder_read_and_what_was_told_is_counted(serving):
    names = ("topicwire_articles_total", "topicwire_encoder_seconds_count")
    before = [value(name) for name in names]
    grid = value("topicwire_labels_total", topic="grid")
    sure = value("topicwire_label_probability_total", topic="grid")
    text = value("topicwire_encoder_tokens_total", kind="text")
    async with serving() as running:
        answer = await ClassificationServiceStub(running.channel).Classify(OUTAGE)
    assert [value(name) for name in names] == [before[0] + 1, before[1] + 2]  # warm-up is one
    assert value("topicwire_labels_total", topic="grid") == grid + 1
    [label] = answer.classifications[0].labels
    more = value("topicwire_label_probability_total", topic="grid") - sure
    assert more == pytest.approx(label.probability)
    assert value("topicwire_encoder_tokens_total", kind="text") > text


async def test_the_model_in_use_is_told(serving, model):
    async with serving() as running:
        running.store.publish(model)
        async with running.server.rotate(FakeOpener(running.store, running.live.labeller.encoder)):
            stub = ModelServiceStub(running.channel)
            await stub.PromoteModel(models_pb2.PromoteModelRequest(number=2))
            assert value("topicwire_model_number") == 2
            grid = model.metrics.topics["grid"]
            assert value("topicwire_trained_share", topic="grid") == grid.share
            assert value("topicwire_trained_probability", topic="grid") == grid.mean_probability


def test_of_a_model_that_was_not_measured_no_shares_are_told(model):
    unmeasured = {"share": None, "mean_probability": None}
    topics = {
        topic: found.model_copy(update=unmeasured) for topic, found in model.metrics.topics.items()
    }
    tell_model(1, model.metrics)
    assert REGISTRY.get_sample_value("topicwire_trained_share", {"topic": "grid"})
    tell_model(2, model.metrics.model_copy(update={"topics": topics}))
    assert REGISTRY.get_sample_value("topicwire_trained_share", {"topic": "grid"}) is None


def test_a_call_that_fails_is_counted_once_and_as_what_it_was():
    def fail():
        with measured(call := Call("unary", "/a.B/C")):
            call.code = "INTERNAL"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert handled("C", "INTERNAL", service="a.B") == 1


def test_prometheus_reads_them_over_http_while_the_server_runs():
    address = free_address()
    with exposed(address):
        with urlopen(f"http://{address}/metrics") as response:
            page = response.read().decode()
        with pytest.raises(AddressInUse), exposed(address):
            pass
    assert "topicwire_queue_passages 0.0" in page
    with pytest.raises(OSError, match="refused"):
        urlopen(f"http://{address}/metrics")


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:x", "127.0.0.1:99999"])
def test_what_is_no_address_is_one_line(address):
    with pytest.raises(AddressInUse, match="can't listen"), exposed(address):
        pass
