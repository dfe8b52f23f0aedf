"""What bounds the queue and an encoder call."""

from dataclasses import dataclass

from service.settings import BATCH_WINDOW, QUEUE_LIMIT, QUEUE_SECONDS
from training.batching import PADDING, TOKEN_BUDGET


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Each as the setting of its name, which says more of it."""

    token_budget: int = TOKEN_BUDGET
    padding_budget: int = PADDING
    batch_window: int = BATCH_WINDOW
    queue_limit: int = QUEUE_LIMIT
    queue_seconds: float = QUEUE_SECONDS
