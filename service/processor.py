"""How the encoder shares the processor with everything else in the process."""

import os


def rest_between_calls() -> None:
    """Lets OpenMP's threads sleep where they wait for each other, instead of spinning.

    Spinning threads take the core that gRPC and tokenizing need meanwhile. It works only
    before torch is imported; what the environment says already stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
