"""Other people's software to measure against, each in a Python of its own."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Peers:
    """What is not given is left out of the tables."""

    setfit: Path | None = None
    """A Python in which `setfit` is installed."""
    bertopic: Path | None = None
    """A Python in which `bertopic` is installed."""
    infinity: Path | None = None
    """A Python in which `infinity_emb` is installed."""
