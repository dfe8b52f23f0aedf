import asyncio
import re

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from topicwire.v1 import articles_pb2 as articles
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

from service.errors import AddressInUse
from service.labelling.live import go_live
from service.rpc.server import Server, listening
from service.rpc.services import SERVICES
from service.settings import Settings
from tests.fakes import POISON
from training.store import Store

Status = health_pb2.HealthCheckResponse
REQUEST = pb.ClassifyRequest(articles=[articles.Article(body="outage")])


async def health_of(channel, service):
    stub = health_pb2_grpc.HealthStub(channel)
    return (await stub.Check(health_pb2.HealthCheckRequest(service=service))).status


@pytest.mark.parametrize("service", ["", *SERVICES])
async def test_each_service_is_not_serving_until_the_model_is_warm(
    model, encoder, tmp_path, service
):
    settings = Settings(listen="127.0.0.1:0", store=tmp_path)
    async with (
        listening(settings, Store(tmp_path)) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        before = await health_of(channel, service)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ClassificationServiceStub(channel).Classify(REQUEST)
        async with go_live(1, model, encoder, settings) as live:
            await server.serve(live)
            after = await health_of(channel, service)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert (before, after) == (Status.NOT_SERVING, Status.SERVING)


async def test_a_server_that_loads_is_alive_though_not_serving(tmp_path):
    async with (
        listening(Settings(listen="127.0.0.1:0", store=tmp_path), Store(tmp_path)) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        assert await health_of(channel, "grpc.health.v1.Health") == Status.SERVING
        assert await health_of(channel, "") == Status.NOT_SERVING


async def test_reflection_names_every_service(serving):
    async with serving() as running:
        stub = reflection_pb2_grpc.ServerReflectionStub(running.channel)
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        answers = [answer async for answer in stub.ServerReflectionInfo(iter([asked]))]
    named = {service.name for service in answers[0].list_services_response.service}
    assert {*SERVICES, "grpc.health.v1.Health"} <= named


async def test_draining_says_not_serving_and_finishes_the_calls_under_way(serving, encoder):
    async with serving() as running:
        watch = health_pb2_grpc.HealthStub(running.channel).Watch(
            health_pb2.HealthCheckRequest(service=SERVICES[0])
        )
        assert (await watch.read()).status == Status.SERVING
        encoder.gate.clear()
        encoder.entered.clear()
        call = ClassificationServiceStub(running.channel).Classify(REQUEST)
        await asyncio.to_thread(encoder.entered.wait)
        drain = asyncio.create_task(running.server.drain())
        assert (await watch.read()).status == Status.NOT_SERVING
        watch.cancel()
        encoder.gate.set()
        assert len((await call).classifications) == 1
        await drain


async def test_a_slow_encode_does_not_block_health(serving, encoder):
    async with serving() as running:
        encoder.gate.clear()
        call = ClassificationServiceStub(running.channel).Classify(REQUEST)
        assert await asyncio.wait_for(health_of(running.channel, ""), 5) == Status.SERVING
        encoder.gate.set()
        await call


async def test_an_address_in_use_is_one_line(serving, tmp_path):
    async with serving() as running:
        with pytest.raises(AddressInUse, match=running.server.address):
            await Server(Settings(listen=running.server.address), Store(tmp_path)).start()


async def test_a_server_on_a_unix_socket_is_reached_by_its_address(tmp_path):
    settings = Settings(listen=f"unix:{tmp_path / 'socket'}", store=tmp_path)
    async with (
        listening(settings, Store(tmp_path)) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        assert await health_of(channel, "") == Status.NOT_SERVING


async def test_an_unknown_method_is_unimplemented(serving):
    async with serving() as running:
        call = running.channel.unary_unary("/topicwire.v1.ClassificationService/Nope")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(b"")
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("sent", ["abc-123", "", "has spaces", "x" * 65])
@pytest.mark.parametrize("title", ["outage", POISON])
async def test_every_call_is_told_the_id_that_the_logs_know_it_by(serving, sent, title):
    request = pb.ClassifyRequest(articles=[articles.Article(body=title)])
    metadata = (("x-request-id", sent),) if sent else ()
    with capture_logs([merge_contextvars]) as logs:
        async with serving() as running:
            call = ClassificationServiceStub(running.channel).Classify(request, metadata=metadata)
            told = dict([*await call.trailing_metadata()])["x-request-id"]
    assert told == "abc-123" if sent == "abc-123" else re.fullmatch(r"[0-9a-f]{32}", told)
    failed = [entry for entry in logs if entry["event"] == "call failed"]
    assert [entry["request_id"] for entry in failed] == ([told] if title == POISON else [])


async def test_connections_are_asked_to_come_again_and_lose_no_call(serving):
    async with serving(connection_seconds=0.2) as running:
        stub = ClassificationServiceStub(running.channel)
        for _ in range(10):
            assert len((await stub.Classify(REQUEST)).classifications) == 1
            await asyncio.sleep(0.1)
