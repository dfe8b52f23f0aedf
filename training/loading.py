"""Loads a model of the store together with its encoder."""

from training.encoder import Precision
from training.model import Model
from training.sentence_encoder import SentenceEncoder, load_encoder
from training.store import Store


def load_with_encoder(
    store: Store, number: int, precision: Precision
) -> tuple[Model, SentenceEncoder]:
    """The model of that number, and the very encoder that it was made with."""
    model = store.load(number)
    sha256 = model.manifest.encoder.sha256
    return model, load_encoder(store.encoder_name(number), precision, sha256=sha256)
