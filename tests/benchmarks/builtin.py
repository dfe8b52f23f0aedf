"""The built-in model, trained as `topicwire train` does without arguments."""

from training.corpus import builtin_corpus
from training.model import Model
from training.sentence_encoder import SentenceEncoder, load_encoder
from training.taxonomy import builtin_taxonomy
from training.train import train_model
from training.weights import NEWS_ENCODER


def train_builtin() -> tuple[Model, SentenceEncoder]:
    """The model and its encoder."""
    taxonomy, encoder = builtin_taxonomy(), load_encoder(NEWS_ENCODER)
    return train_model(taxonomy, builtin_corpus(taxonomy), encoder).model, encoder
