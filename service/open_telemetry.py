"""Calls as spans of OpenTelemetry.

`opentelemetry-instrumentation-grpc` is not used: it takes a call that its caller has left for one
that ended well, and every status that is not OK for an exception of the program.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from os import environ
from time import perf_counter, time_ns

import grpc
from opentelemetry import trace
from opentelemetry.distro import OpenTelemetryConfigurator
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import OTELResourceDetector
from structlog.contextvars import bind_contextvars

from service.call import Call
from service.tracing import TRACE

NAME, VERSION = "topicwire", version("topicwire")

SERVER_FAULTS = {
    "UNKNOWN",
    "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
}
"""https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ counts no other status as an error."""


@dataclass(frozen=True)
class CallSpan:
    """The span of one call; its parts become spans within it."""

    tracer: trace.Tracer
    span: trace.Span
    zero: int
    """When `perf_counter` was 0, in nanoseconds since 1970: parts lie in the call to the dot."""

    def step(self, name: str, start: float, end: float) -> None:
        """Notes a part of the call, from one time of `perf_counter` to another."""
        inside = trace.set_span_in_context(self.span)
        part = self.tracer.start_span(name, inside, start_time=self._at(start))
        part.end(self._at(end))

    def end(self, code: str) -> None:
        """Notes that the call ends now, with the status of that name."""
        self.span.set_attribute("rpc.grpc.status_code", grpc.StatusCode[code].value[0])
        if code in SERVER_FAULTS:
            self.span.set_status(trace.StatusCode.ERROR, code)
        self.span.end(self._at(perf_counter()))

    def _at(self, time: float) -> int:
        return self.zero + int(time * 1e9)


class SpanTracer:
    """Makes a span of each call, in the trace that the call's metadata tells of."""

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._tracer = provider.get_tracer(NAME, VERSION)

    @contextmanager
    def trace(self, call: Call) -> Iterator[None]:
        """Notes the call while the context lasts, and then how it ended.

        Of streams no parts are noted: their traces would grow with each article.
        """
        traced = self._start(call)
        trace_id = traced.span.get_span_context().trace_id
        bind_contextvars(trace_id=trace.format_trace_id(trace_id))
        if call.kind == "unary" and traced.span.is_recording():
            TRACE.set(traced)
        try:
            yield
        finally:
            traced.end(call.code)

    def _start(self, call: Call) -> CallSpan:
        _, service, method = call.method.split("/")
        attributes = {
            "rpc.system": "grpc",
            "rpc.service": service,
            "rpc.method": method,
            "topicwire.request_id": call.request_id,
        }
        start = time_ns()
        span = self._tracer.start_span(
            f"{service}/{method}",
            extract(call.metadata),
            trace.SpanKind.SERVER,
            attributes,
            start_time=start,
        )
        return CallSpan(self._tracer, span, start - int(perf_counter() * 1e9))


def open_tracer() -> SpanTracer:
    """Sends spans where OpenTelemetry's variables say; the last ones when the process ends."""
    environ["OTEL_TRACES_EXPORTER"] = environ.get("OTEL_TRACES_EXPORTER") or "otlp"
    named = {"service.name": NAME, "service.version": VERSION}
    given = OTELResourceDetector().detect().attributes
    OpenTelemetryConfigurator().configure(resource_attributes={**named, **given})
    return SpanTracer(trace.get_tracer_provider())
