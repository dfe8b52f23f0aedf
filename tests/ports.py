"""Where servers of tests and benchmarks listen."""

import socket


def free_address() -> str:
    """HOST:PORT on loopback that nobody listened on a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"
