"""What the process may use of processor and memory, and how the encoder shares them."""

import gc
import os
import sys
from threading import get_native_id

LIMITS = {
    # OpenMP's threads sleep where they wait for each other. Spinning, they would take the core
    # that gRPC and tokenizing need meanwhile.
    "OMP_WAIT_POLICY": "PASSIVE",
    # oneDNN keeps what it has made for each shape of batch, a thousand of them by default, and
    # batches have any shape: memory would grow by a third over a million articles.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "16",
    "LRU_CACHE_CAPACITY": "16",  # and torch what it has made of oneDNN's
}

STEPS_BACK = 5
"""Of niceness: beside a thread that has not stood back, one that has gets a quarter of a core.
Other programs go before it too, and more steps would leave it too little beside them."""


def limit_torch() -> None:
    """Sets limits that torch reads when it is imported; what the environment says stays."""
    for name, value in LIMITS.items():
        os.environ.setdefault(name, value)


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def keep_loaded() -> None:
    """Spares the garbage collector whatever is in memory now.

    For whoever has loaded a model: a search through the hundreds of thousands of objects of torch
    would hold all threads for a third of a second, and find nothing.
    """
    gc.freeze()


def stand_back() -> None:
    """Lets other threads go before the one that calls this; only Linux can tell threads apart."""
    if sys.platform == "linux":
        thread = get_native_id()
        niceness = os.getpriority(os.PRIO_PROCESS, thread) + STEPS_BACK
        os.setpriority(os.PRIO_PROCESS, thread, min(niceness, 19))
