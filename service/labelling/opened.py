"""What the server answers with, before it is warm."""

from dataclasses import dataclass

from training.encoder import Encoder
from training.model import Model


@dataclass(frozen=True)
class Opened:
    """A numbered model and the encoder that it was trained with."""

    number: int
    model: Model
    encoder: Encoder
