"""What the rest of Topicwire asks of an encoder."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from training.arrays import Embeddings, Tokens
from training.batching import TOKEN_BUDGET, plan_calls

Progress = Callable[[int, int], None]
"""Told how much of a known total is done."""


class Precision(StrEnum):
    """The number format in which the encoder multiplies."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    INT8 = "int8"


@dataclass(frozen=True)
class EncoderReference:
    """Which encoder made an embedding."""

    name: str
    """The name or folder it was loaded by."""
    dimension: int
    """The length of its embeddings."""
    sha256: str
    """The SHA-256 of its weights, 64 hexadecimal digits."""
    tuned: bool = False
    """Whether its weights are the model's own, in the model's folder."""


class Encoder(Protocol):
    """Turns texts into embeddings, in two steps so that calls can be planned by length."""

    reference: EncoderReference
    fingerprint: str
    """Encoders of the same fingerprint give the same text the same embedding."""
    max_tokens: int
    """Most tokens of one text, special tokens left out; what is longer is cut."""
    lanes: int
    """How many calls are best under way at once, each in a thread of its own."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text in full, special tokens left out."""

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """The token ids of each text, special tokens included, cut to what fits."""

    def enter_lane(self) -> None:
        """Prepares the thread that it is called in for calls beside those of other threads."""

    def encode_batch(self, batch: Sequence[Tokens]) -> Embeddings:
        """float32 [batch, dimension], unit length; one call whatever the size of the batch."""

    def word_vectors(self) -> Embeddings:
        """What it begins with for each token id: float32 [vocabulary, width], of any length."""


def open_lanes(encoder: Encoder, prepare: Callable[[], None] = lambda: None) -> ThreadPoolExecutor:
    """The threads in which to call it; each runs `prepare` first."""

    def enter() -> None:
        encoder.enter_lane()
        prepare()

    return ThreadPoolExecutor(encoder.lanes, "encoder", initializer=enter)


def encode_texts(
    encoder: Encoder,
    texts: Sequence[str],
    token_budget: int = TOKEN_BUDGET,
    progress: Progress | None = None,
) -> Embeddings:
    """float32 [texts, dimension], unit length, in the order of the texts."""
    tokens = encoder.tokenize(texts) if texts else []
    batches = plan_calls([len(ids) for ids in tokens], token_budget)
    return encode_batches(encoder, tokens, batches, progress)


def encode_batches(
    encoder: Encoder,
    tokens: Sequence[Tokens],
    batches: Sequence[list[int]],
    progress: Progress | None = None,
) -> Embeddings:
    """float32 [texts, dimension] of tokenized texts, in their order.

    Args:
        encoder: makes one call a batch, as many at once as it has lanes.
        tokens: of each text.
        batches: the positions of the texts of each call.
        progress: counts texts.
    """
    embeddings = np.empty((len(tokens), encoder.reference.dimension), dtype=np.float32)
    lanes, done = open_lanes(encoder), 0
    chosen = ([tokens[at] for at in batch] for batch in batches)
    try:
        for batch, found in zip(batches, lanes.map(encoder.encode_batch, chosen), strict=True):
            embeddings[batch] = found
            done += len(batch)
            if progress:
                progress(done, len(tokens))
    finally:
        lanes.shutdown(cancel_futures=True)
    return embeddings
