"""Turns errors into `google.rpc.Status` with details that a program can act on."""

import re

import structlog
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from service.errors import DatabaseUnusable, InvalidRequest, Overloaded
from service.text import shorten
from training.errors import TopicwireError

log = structlog.get_logger(__name__)

DOMAIN = "topicwire"

_CODES = {code.value[0]: code for code in StatusCode}

MOST_CHARS = 400
"""Of a message, which goes out twice; clients take 8 KiB of trailing metadata."""

MOST_VIOLATIONS = 16
"""That are named of one request, for the same reason."""


def to_status(error: Exception) -> Status:
    """The status of an error; what callers can't help is logged, and its text hidden from them."""
    if isinstance(error, DatabaseUnusable):
        log.error("database unusable", reason=str(error))
        return _explain(error, "the database can't be used at the moment")
    if isinstance(error, TopicwireError) and error.status is not StatusCode.INTERNAL:
        return _explain(error, str(error))
    log.error("call failed", exc_info=error)
    return Status(code=StatusCode.INTERNAL.value[0], message="internal error")


def code_of(status: Status) -> StatusCode:
    """The gRPC code of the status's number."""
    return _CODES[status.code]


def _explain(error: TopicwireError, message: str) -> Status:
    """Code, message, ErrorInfo and what else the error's kind has to say."""
    reason = re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).upper()
    details: list[Message] = [ErrorInfo(reason=reason, domain=DOMAIN)]
    if isinstance(error, InvalidRequest):
        details.append(_bad_request(error))
    if isinstance(error, Overloaded):
        details.append(_retry_info(error))
    return Status(
        code=error.status.value[0],
        message=shorten(message, MOST_CHARS),
        details=[_pack(each) for each in details],
    )


def _bad_request(error: InvalidRequest) -> BadRequest:
    return BadRequest(
        field_violations=[
            BadRequest.FieldViolation(field=violation.field, description=violation.reason)
            for violation in error.violations[:MOST_VIOLATIONS]
        ]
    )


def _retry_info(error: Overloaded) -> RetryInfo:
    info = RetryInfo()
    info.retry_delay.FromNanoseconds(int(error.retry_after * 1e9))
    return info


def _pack(message: Message) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed
