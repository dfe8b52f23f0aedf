"""What the two ends of a connection show each other."""

from pathlib import Path

import grpc

from service.errors import InvalidInput
from service.settings import Settings


def server_credentials(settings: Settings) -> grpc.ServerCredentials | None:
    """The server's certificate, and whose clients it takes; None without TLS."""
    if settings.tls_certificate is None:
        if settings.tls_client_ca:
            raise InvalidInput("TOPICWIRE_TLS_CLIENT_CA needs TOPICWIRE_TLS_CERTIFICATE beside it")
        return None
    authority = _read(settings.tls_client_ca) if settings.tls_client_ca else None
    return grpc.ssl_server_credentials(
        [_read_pair(settings)], authority, require_client_auth=authority is not None
    )


def client_credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    """The authority that a client trusts, and its own certificate if it has one; None without."""
    if settings.tls_ca is None:
        return None
    own = _read_pair(settings) if settings.tls_certificate else (None, None)
    return grpc.ssl_channel_credentials(_read(settings.tls_ca), *own)


def _read_pair(settings: Settings) -> tuple[bytes, bytes]:
    """The key and its certificate."""
    if settings.tls_certificate is None or settings.tls_key is None:
        raise InvalidInput("TOPICWIRE_TLS_KEY and TOPICWIRE_TLS_CERTIFICATE need each other")
    return _read(settings.tls_key), _read(settings.tls_certificate)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from None
