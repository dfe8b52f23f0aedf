"""How clients reach a server, and what they make of a failure."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import grpc

from service.errors import CallFailed
from service.rpc.services import SERVICES
from service.rpc.tls import client_credentials
from service.settings import Settings

Channel = TypeVar("Channel")
Options = list[tuple[str, str | int]]

DEADLINE = 60.0
"""Seconds that a call may take if nothing else is said."""

IN_FLIGHT = 256
"""Articles of a stream that are sent ahead of the answers taken."""

SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{"service": name} for name in SERVICES],
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

OPTIONS: Options = [
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]


def open_channel(
    address: str,
    settings: Settings,
    secure: Callable[[str, grpc.ChannelCredentials, Options], Channel],
    insecure: Callable[[str, Options], Channel],
) -> Channel:
    """A channel that one of the two functions opens: over TLS if the settings name an authority."""
    credentials = client_credentials(settings)
    if credentials:
        return secure(address, credentials, OPTIONS)
    return insecure(address, OPTIONS)


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    """The metadata that shows the token; none for ""."""
    return (("authorization", f"Bearer {token}"),) if token else ()


@contextmanager
def explained() -> Iterator[None]:
    """Whatever gRPC raises becomes CallFailed, in one line."""
    try:
        yield
    except grpc.RpcError as error:
        raise CallFailed(f"{error.code().name}: {error.details()}") from None
