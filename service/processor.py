"""What the process may use of processor and memory, and how the encoder shares them."""

import os

LIMITS = {
    # OpenMP's threads sleep where they wait for each other. Spinning, they would take the core
    # that gRPC and tokenizing need meanwhile.
    "OMP_WAIT_POLICY": "PASSIVE",
    # oneDNN keeps what it has made for each shape of batch, a thousand of them by default, and
    # batches have any shape: memory would grow by a third over a million articles.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "16",
    "LRU_CACHE_CAPACITY": "16",  # and torch what it has made of oneDNN's
}


def limit_torch() -> None:
    """Sets limits that torch reads when it is imported; what the environment says stays."""
    for name, value in LIMITS.items():
        os.environ.setdefault(name, value)


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
