"""Turns a taxonomy and a corpus into a model folder; knows nothing of the service."""

import sys

# OpenVINO reports every import to its maker by this package, and does without it.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
