"""How clients reach a server, and what they make of a failure."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from service.errors import CallFailed

DEADLINE = 60.0
"""Seconds that a call may take if nothing else is said."""

IN_FLIGHT = 256
"""Articles of a stream that are sent ahead of the answers taken."""

SERVICES = ("Classification", "Clustering", "Story", "Model", "Feedback")

SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{"service": f"topicwire.v1.{name}Service"} for name in SERVICES],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.2s",
                "maxBackoff": "5s",
                "backoffMultiplier": 3,
                "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
            },
        }
    ]
}
"""Calls that were refused are tried again; none has an effect twice if articles have ids."""

OPTIONS = [
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]


@contextmanager
def explained() -> Iterator[None]:
    """Whatever gRPC raises becomes CallFailed, in one line."""
    try:
        yield
    except grpc.RpcError as error:
        raise CallFailed(f"{error.code().name}: {error.details()}") from None
