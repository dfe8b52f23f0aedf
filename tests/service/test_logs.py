import io
import json
import sys

import structlog

from service.logs import configure_logs


class Writes(io.StringIO):
    """Remembers each write by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[str] = []

    def write(self, text: str) -> int:
        self.all.append(text)
        return len(text)


def test_a_line_is_written_in_one_go(monkeypatch):
    monkeypatch.setattr(sys, "stderr", writes := Writes())
    configure_logs()
    try:
        structlog.get_logger().info("started", worker=1)
    finally:
        structlog.reset_defaults()
    [line] = writes.all
    assert line.endswith("\n")
    assert json.loads(line)["event"] == "started"
