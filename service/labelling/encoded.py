"""What comes back from the encoder."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.arrays import Embeddings


@dataclass(frozen=True, slots=True)
class Encoded:
    """The embeddings of one caller's texts, and where the time went."""

    embeddings: Embeddings
    queue_seconds: float
    """The longest wait of any of the texts."""
    encode_seconds: float
    """The longest encoder call that carried one of the texts."""


def join(parts: Sequence[Encoded]) -> Encoded:
    """The embeddings of all parts, at least one, in order, and their longest times."""
    embeddings = np.concatenate([part.embeddings for part in parts])
    return longest(replace(parts[0], embeddings=embeddings), *parts[1:])


def longest(first: Encoded, *others: Encoded) -> Encoded:
    """The first, with the longest times of all."""
    parts = (first, *others)
    return replace(
        first,
        queue_seconds=max(part.queue_seconds for part in parts),
        encode_seconds=max(part.encode_seconds for part in parts),
    )
