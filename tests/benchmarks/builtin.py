"""The built-in model, trained as `topicwire train` does."""

from training.corpus import builtin_corpus
from training.distil import distil_model
from training.model import Model
from training.sentence_encoder import SentenceEncoder, load_encoder
from training.taxonomy import builtin_taxonomy
from training.train import Trained, train_model
from training.weights import NEWS_ENCODER


def train_builtin() -> tuple[Model, SentenceEncoder]:
    """The model and its encoder."""
    trained, encoder = _train()
    return trained.model, encoder


def train_fast() -> tuple[Model, SentenceEncoder]:
    """The same with a student, as `--fast` makes it."""
    trained, encoder = _train()
    return distil_model(trained), encoder


def _train() -> tuple[Trained, SentenceEncoder]:
    taxonomy, encoder = builtin_taxonomy(), load_encoder(NEWS_ENCODER)
    return train_model(taxonomy, builtin_corpus(taxonomy), encoder), encoder
