"""Turns whatever a servicer raises into a rich gRPC error, in one place."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, NoReturn, TypeAlias

import grpc
from google.protobuf.message import DecodeError

from service.errors import InvalidRequest, Violation
from service.rpc.access import Access
from service.rpc.statuses import to_status

_DETAILS_KEY = "grpc-status-details-bin"
_CODES = {code.value[0]: code for code in grpc.StatusCode}

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class ErrorInterceptor(grpc.aio.ServerInterceptor):
    """Answers known errors with their status, unknown ones with INTERNAL and a log entry.

    Calls that are not allowed go no further than here.
    """

    def __init__(self, access: Access) -> None:
        self._access = access

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:  # noqa: ANN401 - gRPC's handlers are named tuples without a public type
        """The handler of the call, guarded if it is one of Topicwire's."""
        handler = await continuation(handler_call_details)
        if handler is None or not handler_call_details.method.startswith("/topicwire."):
            return handler
        allow = partial(
            self._access.check,
            handler_call_details.method,
            handler_call_details.invocation_metadata or (),
        )
        guarded = handler._replace(request_deserializer=_tolerant(handler.request_deserializer))
        if handler.stream_stream:
            return guarded._replace(stream_stream=_guard_stream(handler.stream_stream, allow))
        if handler.unary_stream:
            return guarded._replace(unary_stream=_guard_answers(handler.unary_stream, allow))
        return guarded._replace(unary_unary=_guard_unary(handler.unary_unary, allow))


def _tolerant(deserialize: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """Hands on the error of a message that can't be read, which gRPC would call INTERNAL."""

    def read(message: bytes) -> object:
        try:
            return deserialize(message)
        except DecodeError:
            return InvalidRequest([Violation("request", "is not the message that this RPC takes")])

    return read


def _guard_unary(
    call: Callable[[object, Context], Awaitable[object]], allow: Callable[[], None]
) -> Callable[[object, Context], Awaitable[object]]:
    async def guarded(request: object, context: Context) -> object:
        try:
            allow()
            return await call(_readable(request), context)
        except Exception as error:  # noqa: BLE001 - nothing may reach the caller unexplained
            await _abort(context, error)

    return guarded


def _guard_answers(
    call: Callable[[object, Context], AsyncIterator[object]], allow: Callable[[], None]
) -> Callable[[object, Context], AsyncIterator[object]]:
    async def guarded(request: object, context: Context) -> AsyncIterator[object]:
        try:
            allow()
            async for response in call(_readable(request), context):
                yield response
        except Exception as error:  # noqa: BLE001 - as above
            await _abort(context, error)

    return guarded


def _guard_stream(
    call: Callable[[AsyncIterator[object], Context], AsyncIterator[object]],
    allow: Callable[[], None],
) -> Callable[[AsyncIterator[object], Context], AsyncIterator[object]]:
    async def guarded(requests: AsyncIterator[object], context: Context) -> AsyncIterator[object]:
        try:
            allow()
            async for response in call((_readable(each) async for each in requests), context):
                yield response
        except Exception as error:  # noqa: BLE001 - as above
            await _abort(context, error)

    return guarded


def _readable(request: object) -> object:
    if isinstance(request, InvalidRequest):
        raise request
    return request


async def _abort(context: Context, error: Exception) -> NoReturn:
    if isinstance(error, grpc.aio.AbortError):
        raise error
    status = to_status(error)
    metadata = ((_DETAILS_KEY, status.SerializeToString()),)
    await context.abort(_CODES[status.code], status.message, metadata)
