"""Asks a real server anything, and says with which status each request was answered."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import grpc
import topicwire.v1
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.status_pb2 import Status

from service.rpc.server import listening
from service.rpc.statuses import code_of
from service.settings import Settings
from tests.fake_opener import FakeOpener
from tests.fakes import FakeEncoder
from training.model import Model
from training.store import Store

BROKEN = frozenset({"INTERNAL", "UNKNOWN"})
"""The statuses that no request may be answered with."""

LISTEN_SECONDS = 0.05
"""How long answers are taken of a stream that goes on for ever."""

PATIENCE = 60.0
"""Seconds that any other call may take."""


def find_methods() -> list[MethodDescriptor]:
    """Every RPC of every service that the protos have."""
    names = [module.name for module in iter_modules(topicwire.v1.__path__, "topicwire.v1.")]
    files = [import_module(name).DESCRIPTOR for name in names if name.endswith("_pb2")]
    services = [service for file in files for service in file.services_by_name.values()]
    return [method for service in services for method in service.methods]


@asynccontextmanager
async def fuzzed(model: Model, folder: Path) -> AsyncIterator[grpc.Channel]:
    """Calls a server that has this model twice and reads with an encoder that never fails."""
    settings = Settings(listen="127.0.0.1:0", store=folder)
    store = Store(folder)
    store.promote(store.publish(model))
    store.publish(model)
    opener = FakeOpener(store, FakeEncoder(can_be_poisoned=False))
    async with listening(settings, store) as server, server.rotate(opener):
        with grpc.insecure_channel(server.address) as channel:
            yield channel


def ask(channel: grpc.Channel, method: MethodDescriptor, bodies: Sequence[bytes]) -> list[str]:
    """The name of the status that each request is answered with.

    Requests go side by side if each is a call, or else one after the other in one stream; when
    one of them ends it, the rest go in another. Of answers that go on for ever some are read.
    """
    path = f"/{method.containing_service.full_name}/{method.name}"
    if method.client_streaming:
        return _stream(channel.stream_stream(path), method, bodies)
    if method.server_streaming:
        ask_one: Any = channel.unary_stream(path)
        calls = [ask_one(body, timeout=LISTEN_SECONDS) for body in bodies]
        return [next(filter(_is_bad, _read(call, method)), "OK") for call in calls]
    unary: Any = channel.unary_unary(path)
    asked = [unary.future(body, timeout=PATIENCE) for body in bodies]
    return [call.code().name for call in asked]


def _stream(open_stream: Any, method: MethodDescriptor, bodies: Sequence[bytes]) -> list[str]:
    statuses: list[str] = []
    while rest := bodies[len(statuses) :]:
        found = _read(open_stream(iter(rest), timeout=PATIENCE), method)
        if not found:
            raise AssertionError("a stream ended well without an answer")
        statuses += found
    return statuses


def _read(call: Any, method: MethodDescriptor) -> list[str]:
    """The status of each answer, and that of the stream if it failed."""
    kind = GetMessageClass(method.output_type)
    statuses: list[str] = []
    with suppress(grpc.RpcError):
        statuses.extend(_told(kind.FromString(answer)) for answer in call)
    return statuses if call.code() is grpc.StatusCode.OK else [*statuses, call.code().name]


def _is_bad(status: str) -> bool:
    return status != "OK"


def _told(answer: Message) -> str:
    """The status that an answer carries, for streams go on though they could not answer one."""
    told = [value for _, value in answer.ListFields() if isinstance(value, Status)]
    return code_of(told[0]).name if told else "OK"
