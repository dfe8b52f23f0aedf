"""Scores a model on labelled texts, labelled as the server would label them."""

from collections.abc import Sequence

import numpy as np

from training.article import Article
from training.corpus import Corpus
from training.encoder import Encoder, Progress, encode_texts
from training.labels import Labelling
from training.model import Model
from training.passages import readings
from training.predictions import Predictions


def label_articles(
    model: Model, encoder: Encoder, articles: Sequence[Article], progress: Progress | None = None
) -> list[Labelling]:
    """The labels of each article, in order; `progress` counts encoded passages."""
    passages = model.split(articles, encoder)
    embeddings = encode_texts(encoder, readings(passages), progress=progress)
    return model.label(passages, embeddings)


def predict(
    model: Model, encoder: Encoder, corpus: Corpus, progress: Progress | None = None
) -> Predictions:
    """What the model says of the texts of a corpus of the same taxonomy."""
    articles = corpus.articles
    labellings = label_articles(model, encoder, articles, progress)
    topics = model.taxonomy.ids
    shape = (len(labellings), len(topics))
    probabilities = [[found.probabilities[topic] for topic in topics] for found in labellings]
    given = [[topic in found.topics for topic in topics] for found in labellings]
    return Predictions(
        topics=topics,
        probabilities=np.array(probabilities, dtype=np.float64).reshape(shape),
        given=np.array(given, dtype=bool).reshape(shape),
        targets=corpus.targets(model.taxonomy),
        thresholds=model.heads.thresholds,
        sources=corpus.sources,
    )
