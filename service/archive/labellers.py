"""Labels many articles at once, exactly as a server would label each."""

from collections.abc import Sequence

import numpy as np

from service.archive.parts import Answer
from training.arrays import Embeddings, Tokens
from training.article import Article
from training.batching import plan_batches
from training.encoder import Encoder, encode_batches
from training.model import Model

ACCURATE = "accurate"


class AccurateLabeller:
    """Reads every passage with the model's encoder; equal passages are read once."""

    def __init__(self, model: Model, encoder: Encoder) -> None:
        self._model = model
        self._encoder = encoder

    def __call__(self, articles: Sequence[Article]) -> list[Answer]:
        """The answer for each article; articles that are labelled together share batches."""
        passages = self._model.split(articles, self._encoder)
        texts = [passage.text for group in passages for passage in group]
        labellings = self._model.label(passages, encode_distinct(self._encoder, texts))
        return [Answer(labelling, ACCURATE) for labelling in labellings]


def encode_distinct(encoder: Encoder, texts: Sequence[str]) -> Embeddings:
    """float32 [texts, dimension]; each different text is encoded once, all sorted by length."""
    if not texts:
        return np.zeros((0, encoder.reference.dimension), dtype=np.float32)
    rows: dict[tuple[int, ...], int] = {}
    row_of = [rows.setdefault(tuple(tokens), len(rows)) for tokens in encoder.tokenize(texts)]
    distinct: list[Tokens] = [list(tokens) for tokens in rows]
    batches = plan_batches([len(tokens) for tokens in distinct], window=len(distinct))
    found: Embeddings = encode_batches(encoder, distinct, batches)[row_of]
    return found
