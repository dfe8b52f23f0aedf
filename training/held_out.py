"""What was said of the corpus's texts while they were held out, kept in the model's folder.

The texts themselves are not kept, only their SHA-256: enough to tell which texts two models
have in common.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from training.errors import ModelRefused
from training.manifest import Manifest
from training.predictions import Predictions

HELD_OUT = "held_out.safetensors"
"""Arrays `texts` uint8 [texts, 32]; `probabilities` float32, `given`, `targets` [texts, topics]."""


@dataclass(frozen=True)
class HeldOut:
    """Predictions of texts that are known by their hash."""

    texts: tuple[bytes, ...]
    """The SHA-256 of each text."""
    predictions: Predictions


def hash_texts(texts: Sequence[str]) -> tuple[bytes, ...]:
    """The SHA-256 of each text, 32 bytes."""
    return tuple(hashlib.sha256(text.encode()).digest() for text in texts)


def pack_held_out(held_out: HeldOut) -> bytes:
    """The content of `HELD_OUT`."""
    found = held_out.predictions
    return save(
        {
            "texts": np.frombuffer(b"".join(held_out.texts), dtype=np.uint8).reshape(-1, 32),
            "probabilities": found.probabilities.astype(np.float32),
            "given": found.given,
            "targets": found.targets,
        }
    )


def load_held_out(folder: Path, manifest: Manifest) -> HeldOut | None:
    """The held-out predictions of a model's folder; None if the model came without."""
    if HELD_OUT not in manifest.files:
        return None
    try:
        arrays = load((folder / HELD_OUT).read_bytes())
        predictions = Predictions(
            topics=manifest.topics,
            probabilities=arrays["probabilities"].astype(np.float64),
            given=arrays["given"],
            targets=arrays["targets"],
            thresholds=np.array(manifest.thresholds),
        )
        return HeldOut(tuple(row.tobytes() for row in arrays["texts"]), predictions)
    except (OSError, SafetensorError, KeyError) as error:
        raise ModelRefused(f"{folder / HELD_OUT}: unreadable: {error}") from None
