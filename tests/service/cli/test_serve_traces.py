"""`topicwire serve` with and without OpenTelemetry's variables."""

import json
import os
import signal
import subprocess
import sys

import grpc
import pytest
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SERVE = """
import atexit, sys

@atexit.register
def tell():
    print(*(name for name in sys.modules if name.startswith("opentelemetry")), file=sys.stderr)

from service.cli.app import app
app(["serve", "--listen", "127.0.0.1:0"])
"""


def call(address):
    with grpc.insecure_channel(address) as channel:
        ClassificationServiceStub(channel).ListTopics(
            pb.ListTopicsRequest(), metadata=(("traceparent", f"00-{TRACE_ID}-{'7' * 16}-01"),)
        )


def serve_one_call(folder, **environment):
    """What the server wrote, and which modules of OpenTelemetry it had in the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=kept | environment,
    )
    try:
        assert process.stderr
        entry = next(each for each in map(json.loads, process.stderr) if each["event"] == "serving")
        call(entry["address"])
        process.send_signal(signal.SIGTERM)
        written, told = process.communicate(timeout=60)
        return written, told.splitlines()[-1].split()
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_without_the_variables_nothing_of_it_is_imported(trained):
    assert serve_one_call(trained) == ("", [])


def test_the_variables_alone_turn_traces_on(trained):
    pytest.importorskip("opentelemetry.distro")
    written, modules = serve_one_call(
        trained, OTEL_TRACES_EXPORTER="console", OTEL_SERVICE_NAME="news"
    )
    span = json.loads(written)
    assert span["name"] == "topicwire.v1.ClassificationService/ListTopics"
    assert span["context"]["trace_id"] == f"0x{TRACE_ID}"
    assert span["resource"]["attributes"]["service.name"] == "news"
    assert "opentelemetry.sdk.trace" in modules
