"""Stand-ins whose output is a plain function of their input, so that asserts are exact."""

from collections.abc import Sequence
from threading import Event, get_ident
from zlib import crc32

import numpy as np

from training.arrays import Embeddings, Tokens
from training.encoder import EncoderReference
from training.stories.link import Link, Weights

DIMENSION = 512
LINK = Link(
    dated=Weights(similarity=6, overlap=2, log_days=-2.5, intercept=-2),
    undated=Weights(similarity=6, overlap=2, intercept=-3),
    encoder="fake",
    articles=0,
    stories=0,
    frequencies={},
)
WORDS = 100_006
POISON = "poisonpill"
START, END = 1, 2


class FakeEncoder:
    """Embeds a text as the normalised counts of its words, each word in a bucket of its own hash.

    A text with the word `POISON` makes the whole call fail, as a real model's error would;
    so does one with a word of the same hash, unless it can't be poisoned.
    """

    reference = EncoderReference("fake", DIMENSION, "0" * 64)
    fingerprint = "fake"

    def __init__(
        self, max_tokens: int = 48, lanes: int = 1, *, can_be_poisoned: bool = True
    ) -> None:
        self.max_tokens = max_tokens
        self.lanes = lanes
        self.prepared = set[int]()
        """The threads that said they are lanes."""
        self._poison = token_of(POISON) if can_be_poisoned else None
        self.calls: list[int] = []
        """How many texts each encoder call had."""
        self.padded_tokens = 0
        self.gate = Event()
        """Calls wait until it is set."""
        self.gate.set()
        self.entered = Event()
        """Set as soon as a call has begun."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        return [
            [START, *(token_of(word) for word in text.split()[: self.max_tokens]), END]
            for text in texts
        ]

    def enter_lane(self) -> None:
        self.prepared.add(get_ident())

    def encode_batch(self, batch: Sequence[Tokens]) -> Embeddings:
        self.entered.set()
        assert self.gate.wait(timeout=30)
        self.calls.append(len(batch))
        self.padded_tokens += len(batch) * max(map(len, batch))
        if any(self._poison in tokens for tokens in batch):
            raise RuntimeError("poisoned")
        return np.stack([_embed(tokens) for tokens in batch])

    def word_vectors(self) -> Embeddings:
        vectors: Embeddings = np.random.default_rng(0).normal(size=(WORDS, 16)).astype(np.float32)
        return vectors


def token_of(word: str) -> int:
    return 3 + crc32(word.strip(".,:;").lower().encode()) % (WORDS - 3)


def _embed(tokens: Tokens) -> Embeddings:
    words = np.array(tokens[1:-1] or [START]) % DIMENSION
    counts = np.bincount(words, minlength=DIMENSION).astype(np.float32)
    unit: Embeddings = counts / np.linalg.norm(counts)
    return unit
