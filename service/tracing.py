"""Where the time of calls goes, for whoever traces them; while nobody does, nothing is noted."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from os import environ
from time import perf_counter
from typing import Protocol

import structlog

from service.call import Call
from service.errors import TracingUnusable

TURNS_ON = (
    "OTEL_TRACES_EXPORTER",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
)

log = structlog.get_logger(__name__)


class Trace(Protocol):
    """Is told of one call."""

    def step(self, name: str, start: float, end: float) -> None:
        """Notes a part of the call, from one time of `perf_counter` to another."""


class Tracer(Protocol):
    """Is told of all calls."""

    def trace(self, call: Call) -> AbstractContextManager[None]:
        """Notes the call while the context lasts, and then how it ended."""


TRACE: ContextVar[Trace | None] = ContextVar("trace", default=None)
"""That of the call under way, if its parts are noted."""


def note_step(name: str, start: float, end: float) -> None:
    """Notes a part of the call under way, from one time of `perf_counter` to another."""
    if trace := TRACE.get():
        trace.step(name, start, end)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Notes the time that the context lasts as a part of the call under way."""
    start = perf_counter()
    try:
        yield
    finally:
        note_step(name, start, perf_counter())


def find_tracer() -> Tracer | None:
    """What calls are to be told to, if OpenTelemetry's variables say so; asked once a process.

    Raises TracingUnusable if what they say can't be done. Without the extra there is a warning
    only: the variables may be there for other programs.
    """
    if not is_wanted(environ):
        return None
    try:
        from service.open_telemetry import open_tracer  # noqa: PLC0415 - an extra

        return open_tracer()
    except ModuleNotFoundError as error:
        log.warning("no traces", reason=f"{error}: pip install 'topicwire[tracing]'")
        return None
    except Exception as error:
        raise TracingUnusable(f"can't trace as the OTEL_ variables say: {error}") from error


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether the variables ask for traces."""
    off = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    none = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
    return not off and not none and any(environment.get(name) for name in TURNS_ON)
