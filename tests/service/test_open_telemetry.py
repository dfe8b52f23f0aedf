import asyncio
from collections.abc import Iterator
from itertools import pairwise
from time import time_ns
from types import SimpleNamespace

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from topicwire.v1 import articles_pb2 as articles
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1 import clustering_pb2, stories_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.clustering_pb2_grpc import ClusteringServiceStub
from topicwire.v1.stories_pb2_grpc import StoryServiceStub

from service.errors import TracingUnusable
from service.tracing import find_tracer
from tests.fakes import POISON

pytest.importorskip("opentelemetry.distro")
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from service.open_telemetry import SpanTracer

OUTAGE = articles.Article(body="outage")
CLASSIFY = pb.ClassifyRequest(articles=[OUTAGE])
SERVICE = "topicwire.v1.ClassificationService"
TRACE_ID, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def traced() -> Iterator[SimpleNamespace]:
    """A tracer, and the spans that it has ended."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield SimpleNamespace(tracer=SpanTracer(provider), spans=exporter.get_finished_spans)
    provider.shutdown()


async def calls_of(traced, count=1):
    """The spans of that many calls, which end a little after their answers."""
    async with asyncio.timeout(10):
        while True:
            found = [span for span in traced.spans() if span.kind is SpanKind.SERVER]
            if len(found) == count:
                return found
            await asyncio.sleep(0.01)


async def call_of(traced):
    [span] = await calls_of(traced)
    return span


def parts_of(traced, call):
    return [span for span in traced.spans() if span.parent == call.context]


async def test_a_call_is_a_span_that_says_what_it_was(serving, traced):
    async with serving(traced.tracer) as running:
        stub = ClassificationServiceStub(running.channel)
        await stub.Classify(CLASSIFY, metadata=(("x-request-id", "mine"),))
        span = await call_of(traced)
    assert (span.name, span.kind) == (f"{SERVICE}/Classify", SpanKind.SERVER)
    assert dict(span.attributes) == {
        "rpc.system": "grpc",
        "rpc.service": SERVICE,
        "rpc.method": "Classify",
        "rpc.grpc.status_code": 0,
        "topicwire.request_id": "mine",
    }
    assert span.status.is_unset


async def test_a_callers_trace_goes_on(serving, traced):
    metadata = (("traceparent", f"00-{TRACE_ID}-{PARENT}-01"),)
    async with serving(traced.tracer) as running:
        await ClassificationServiceStub(running.channel).Classify(CLASSIFY, metadata=metadata)
        span = await call_of(traced)
    assert span.context.trace_id == int(TRACE_ID, 16)
    assert span.parent.span_id == int(PARENT, 16)


@pytest.mark.parametrize("sent", ["", "00-0-0-01", f"ff-{TRACE_ID}-{PARENT}-01", "x" * 1000])
async def test_a_traceparent_that_is_none_starts_a_trace(serving, traced, sent):
    async with serving(traced.tracer) as running:
        stub = ClassificationServiceStub(running.channel)
        await stub.Classify(CLASSIFY, metadata=(("traceparent", sent),))
        span = await call_of(traced)
    assert (span.parent, span.context.is_valid) == (None, True)


async def test_a_trace_that_its_caller_does_not_record_is_not_recorded(serving, traced):
    metadata = (("traceparent", f"00-{TRACE_ID}-{PARENT}-00"),)
    async with serving(traced.tracer) as running:
        stub = ClassificationServiceStub(running.channel)
        await stub.Classify(CLASSIFY, metadata=metadata)
        await stub.Classify(CLASSIFY)
        span = await call_of(traced)
    assert span.context.trace_id != int(TRACE_ID, 16)


@pytest.mark.parametrize(
    ("body", "code", "is_error"),
    [("", grpc.StatusCode.INVALID_ARGUMENT, False), (POISON, grpc.StatusCode.INTERNAL, True)],
)
async def test_an_aborted_call_has_its_status(serving, traced, body, code, is_error):
    request = pb.ClassifyRequest(articles=[articles.Article(body=body)])
    async with serving(traced.tracer) as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ClassificationServiceStub(running.channel).Classify(request)
        span = await call_of(traced)
    assert caught.value.code() is code
    assert span.attributes["rpc.grpc.status_code"] == code.value[0]
    assert span.status.is_ok is not is_error
    assert span.events == ()


async def test_a_call_that_its_caller_has_left_is_cancelled(serving, traced, encoder):
    async with serving(traced.tracer) as running:
        encoder.gate.clear()
        encoder.entered.clear()
        call = ClassificationServiceStub(running.channel).Classify(CLASSIFY)
        await asyncio.to_thread(encoder.entered.wait)
        call.cancel()
        span = await call_of(traced)
        encoder.gate.set()
    assert span.attributes["rpc.grpc.status_code"] == grpc.StatusCode.CANCELLED.value[0]


async def test_a_stream_is_one_span(serving, traced):
    async with serving(traced.tracer) as running:
        stub = ClassificationServiceStub(running.channel)
        requests = [pb.StreamClassifyRequest(article=OUTAGE)] * 5
        answers = [each async for each in stub.StreamClassify(iter(requests))]
        span = await call_of(traced)
    assert len(answers) == 5
    assert traced.spans() == (span,)
    assert span.attributes["rpc.grpc.status_code"] == 0


async def test_a_stream_that_its_caller_leaves_is_cancelled_and_troubles_nobody(
    serving, traced, caplog
):
    async def endless():
        while True:
            yield pb.StreamClassifyRequest(article=OUTAGE)

    async with serving(traced.tracer) as running:
        call = ClassificationServiceStub(running.channel).StreamClassify(endless())
        await call.read()
        call.cancel()
        span = await call_of(traced)
    assert span.attributes["rpc.grpc.status_code"] == grpc.StatusCode.CANCELLED.value[0]
    assert caplog.records == []


async def test_parts_lie_within_their_call(serving, traced):
    async with serving(traced.tracer) as running:
        both = clustering_pb2.ClusterRequest(articles=[OUTAGE, OUTAGE])
        one = stories_pb2.AssignStoryRequest(article=OUTAGE)
        await ClusteringServiceStub(running.channel).Cluster(both)
        await StoryServiceStub(running.channel).AssignStory(one)
        calls = {span.context.span_id: span for span in await calls_of(traced, 2)}
    parts = [span for span in traced.spans() if span.kind is SpanKind.INTERNAL]
    assert {part.name for part in parts} >= {"cluster", "assign_story"}
    for part in parts:
        call = calls[part.parent.span_id]
        assert part.context.trace_id == call.context.trace_id
        assert call.start_time <= part.start_time <= part.end_time <= call.end_time


async def test_parts_say_where_the_time_of_labelling_went(serving, traced):
    async with serving(traced.tracer) as running:
        await ClassificationServiceStub(running.channel).Classify(CLASSIFY)
        call = await call_of(traced)
    parts = sorted(parts_of(traced, call), key=lambda part: (part.start_time, part.end_time))
    assert [part.name for part in parts] == ["tokenize", "queue", "encode", "score"]
    assert all(one.end_time <= next_.start_time for one, next_ in pairwise(parts))
    assert call.start_time <= parts[0].start_time
    assert parts[-1].end_time <= call.end_time


async def test_the_queue_of_a_call_lasts_until_the_encoder_takes_its_text(serving, traced, encoder):
    async with serving(traced.tracer) as running:
        stub = ClassificationServiceStub(running.channel)
        encoder.gate.clear()
        encoder.entered.clear()
        first = stub.Classify(CLASSIFY)
        await asyncio.to_thread(encoder.entered.wait)
        second = stub.Classify(CLASSIFY, metadata=(("x-request-id", "second"),))
        async with asyncio.timeout(10):
            while not running.live.labeller.batcher.waiting:  # noqa: ASYNC110 - a state
                await asyncio.sleep(0.01)
        opened = time_ns()
        encoder.gate.set()
        await asyncio.gather(first, second)
        calls = await calls_of(traced, 2)
    [call] = [each for each in calls if each.attributes["topicwire.request_id"] == "second"]
    [queue] = [part for part in parts_of(traced, call) if part.name == "queue"]
    assert queue.start_time < opened <= queue.end_time


async def test_logs_name_the_trace_and_the_request(serving, traced):
    request = pb.ClassifyRequest(articles=[articles.Article(body=POISON)])
    metadata = (("traceparent", f"00-{TRACE_ID}-{PARENT}-01"), ("x-request-id", "mine"))
    with capture_logs([merge_contextvars]) as logs:
        async with serving(traced.tracer) as running:
            stub = ClassificationServiceStub(running.channel)
            with pytest.raises(grpc.aio.AioRpcError):
                await stub.Classify(request, metadata=metadata)
    [failed] = [entry for entry in logs if entry["event"] == "call failed"]
    assert (failed["trace_id"], failed["request_id"]) == (TRACE_ID, "mine")


async def test_health_is_not_traced(serving, traced):
    async with serving(traced.tracer) as running:
        stub = health_pb2_grpc.HealthStub(running.channel)
        await stub.Check(health_pb2.HealthCheckRequest())
    assert traced.spans() == ()


def test_an_exporter_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "nonsense")
    with pytest.raises(TracingUnusable, match=r"can't trace as .*'nonsense'"):
        find_tracer()
