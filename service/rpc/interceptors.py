"""Turns whatever a servicer raises into a rich gRPC error, in one place."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from math import inf
from time import monotonic
from typing import Any, TypeAlias
from uuid import uuid4

import grpc
from google.protobuf.message import DecodeError
from structlog.contextvars import bind_contextvars

from service.call import Call
from service.errors import InvalidRequest, NotReady, Violation
from service.labelling.turns import CALLER, Caller
from service.metrics import measured
from service.rpc.access import Access
from service.rpc.statuses import code_of, to_status
from service.tracing import Tracer

REQUEST_ID = "x-request-id"
"""The metadata by which a call is found in the logs: the caller's own, or one that it is told."""

_SANE = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_DETAILS_KEY = "grpc-status-details-bin"

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class ErrorInterceptor(grpc.aio.ServerInterceptor):
    """Answers known errors with their status, unknown ones with INTERNAL and a log entry.

    Calls that are not allowed, or come when the server is `closing`, go no further than here.
    """

    def __init__(self, access: Access, tracer: Tracer | None = None) -> None:
        self._access = access
        self._tracer = tracer
        self.closing = False

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:  # noqa: ANN401 - gRPC's handlers are named tuples without a public type
        """The handler of the call, guarded if it is one of Topicwire's."""
        handler = await continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith("/topicwire."):
            return handler
        guard = _Guard(self._access, self._tracer, handler_call_details, closing=self.closing)
        guarded = handler._replace(request_deserializer=_tolerant(handler.request_deserializer))
        if handler.stream_stream:
            return guarded._replace(stream_stream=guard.stream_stream(handler.stream_stream))
        if handler.unary_stream:
            return guarded._replace(unary_stream=guard.unary_stream(handler.unary_stream))
        return guarded._replace(unary_unary=guard.unary_unary(handler.unary_unary))


class _Guard:
    """Stands around the calls of one method that came with the same metadata."""

    def __init__(
        self,
        access: Access,
        tracer: Tracer | None,
        details: grpc.HandlerCallDetails,
        *,
        closing: bool,
    ) -> None:
        self._access = access
        self._tracer = tracer
        self._closing = closing
        self._method = details.method
        self._metadata = [*(details.invocation_metadata or ())]
        sent = next((value for key, value in self._metadata if key == REQUEST_ID), "")
        self._id = sent if isinstance(sent, str) and _SANE.fullmatch(sent) else uuid4().hex

    def unary_unary(
        self, call: Callable[[object, Context], Awaitable[object]]
    ) -> Callable[[object, Context], Awaitable[object]]:
        async def guarded(request: object, context: Context) -> object:
            async with self._call("unary", context):
                return await call(_readable(request), context)

        return guarded

    def unary_stream(
        self, call: Callable[[object, Context], AsyncIterator[object]]
    ) -> Callable[[object, Context], AsyncIterator[object]]:
        async def guarded(request: object, context: Context) -> AsyncIterator[object]:
            async with self._call("server_stream", context):
                async for response in call(_readable(request), context):
                    yield response

        return guarded

    def stream_stream(
        self, call: Callable[[AsyncIterator[object], Context], AsyncIterator[object]]
    ) -> Callable[[AsyncIterator[object], Context], AsyncIterator[object]]:
        async def guarded(
            requests: AsyncIterator[object], context: Context
        ) -> AsyncIterator[object]:
            async with self._call("bidi_stream", context):
                async for response in call((_readable(each) async for each in requests), context):
                    yield response

        return guarded

    @asynccontextmanager
    async def _call(self, kind: str, context: Context) -> AsyncIterator[None]:
        """Nothing gets in that is not allowed, and out that is not explained."""
        answered = ((REQUEST_ID, self._id),)
        context.set_trailing_metadata(answered)
        bind_contextvars(request_id=self._id, method=self._method)
        call = Call(kind, self._method, self._id, dict(self._metadata))
        traced = self._tracer.trace(call) if self._tracer else nullcontext()
        with traced, measured(call):
            try:
                self._access.check(self._method, self._metadata)
                if self._closing:
                    raise NotReady("the server is stopping; try another")
                CALLER.set(_caller(kind, context))
                yield
            except Exception as error:  # noqa: BLE001 - nothing may reach the caller unexplained
                status = to_status(error)
                code = code_of(status)
                call.code = code.name
                details = ((_DETAILS_KEY, status.SerializeToString()),)
                await context.abort(code, status.message, answered + details)


def _caller(kind: str, context: Context) -> Caller:
    remaining: float | None = context.time_remaining()
    leaves_at = inf if remaining is None else monotonic() + remaining
    return Caller(leaves_at, streams=kind == "bidi_stream")


def _tolerant(deserialize: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """Hands on the error of a message that can't be read, which gRPC would call INTERNAL."""

    def read(message: bytes) -> object:
        try:
            return deserialize(message)
        except DecodeError:
            return InvalidRequest([Violation("request", "is not the message that this RPC takes")])

    return read


def _readable(request: object) -> object:
    if isinstance(request, InvalidRequest):
        raise request
    return request
