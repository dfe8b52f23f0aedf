import sys

import pytest
from structlog.testing import capture_logs

from service.tracing import find_tracer, is_wanted


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "news"}, False),
        ({"OTEL_TRACES_EXPORTER": ""}, False),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4317"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_TRACES_EXPORTER": "console", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_TRACES_EXPORTER": "console", "OTEL_SDK_DISABLED": "false"}, True),
    ],
)
def test_the_variables_turn_traces_on(environment, wanted):
    assert is_wanted(environment) is wanted


def test_without_the_extra_there_is_a_warning_and_no_trace(monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    monkeypatch.setitem(sys.modules, "service.open_telemetry", None)
    with capture_logs() as logs:
        assert find_tracer() is None
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert "pip install 'topicwire[tracing]'" in logs[0]["reason"]
