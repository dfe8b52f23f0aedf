"""Every error the service raises, and the gRPC status each one becomes.

* TopicwireError (training/errors.py has the rest of the tree)
  + InvalidRequest     INVALID_ARGUMENT
  + Overloaded         RESOURCE_EXHAUSTED
  + EncodingFailed     INTERNAL
  + NotReady           UNAVAILABLE
  + Unauthenticated    UNAUTHENTICATED
  + NotAllowed         PERMISSION_DENIED
  + AddressInUse       UNAVAILABLE
  + CallFailed         UNKNOWN, or what the server said
  + InvalidInput       INVALID_ARGUMENT
  + DatabaseUnusable   UNAVAILABLE
  + EncoderChanged     FAILED_PRECONDITION
  + StoryNotFound      NOT_FOUND
  + TracingUnusable    FAILED_PRECONDITION
  + OutputUnusable     FAILED_PRECONDITION
  + JobChanged         FAILED_PRECONDITION
  + JobFailed          INTERNAL
"""

from collections.abc import Sequence
from dataclasses import dataclass

from grpc import StatusCode

from training.errors import TopicwireError


@dataclass(frozen=True)
class Violation:
    """One field of a request that is wrong."""

    field: str
    """Its path, such as `articles[3].body`."""
    reason: str


class InvalidRequest(TopicwireError):
    """Fields of the request are wrong; `violations` names each."""

    status = StatusCode.INVALID_ARGUMENT

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{v.field}: {v.reason}" for v in violations))


RETRY_AFTER = 1.0
"""Seconds after which a refused caller may find room, if nothing else is known."""


class Overloaded(TopicwireError):
    """There is no room; back off for `retry_after` seconds and try again."""

    status = StatusCode.RESOURCE_EXHAUSTED

    def __init__(self, message: str, retry_after: float = RETRY_AFTER) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class EncodingFailed(TopicwireError):
    """The encoder failed on a text; other texts are not touched by it."""

    status = StatusCode.INTERNAL


class NotReady(TopicwireError):
    """The server does not answer yet, or not any more; try again in a moment."""

    status = StatusCode.UNAVAILABLE


class Unauthenticated(TopicwireError):
    """The caller has not shown a token that the server knows."""

    status = StatusCode.UNAUTHENTICATED


class NotAllowed(TopicwireError):
    """The caller is known, but may not do this."""

    status = StatusCode.PERMISSION_DENIED


class AddressInUse(TopicwireError):
    """The server can't listen where it was told to."""

    status = StatusCode.UNAVAILABLE

    def __init__(self, address: str) -> None:
        super().__init__(f"can't listen on {address}: in use, or not an address")


class CallFailed(TopicwireError):
    """A call to a server failed; the message is the server's, or says that none answered."""

    status = StatusCode.UNKNOWN


class InvalidInput(TopicwireError):
    """A file or text given on the command line can't be used."""

    status = StatusCode.INVALID_ARGUMENT


class DatabaseUnusable(TopicwireError):
    """The database can't be opened, read or written."""

    status = StatusCode.UNAVAILABLE


class EncoderChanged(TopicwireError):
    """The stories of the database can't go on with the live model's encoder."""

    status = StatusCode.FAILED_PRECONDITION


class StoryNotFound(TopicwireError):
    """No story has that number."""

    status = StatusCode.NOT_FOUND


class TracingUnusable(TopicwireError):
    """Traces can't be sent as the variables of OpenTelemetry say."""

    status = StatusCode.FAILED_PRECONDITION


class OutputUnusable(TopicwireError):
    """The folder of a job's results can't be read or written."""

    status = StatusCode.FAILED_PRECONDITION


class JobChanged(TopicwireError):
    """A job that was begun can't go on, as what it was begun with is not the same any more."""

    status = StatusCode.FAILED_PRECONDITION


class JobFailed(TopicwireError):
    """A job stopped midway; the same command goes on where it was."""

    status = StatusCode.INTERNAL
