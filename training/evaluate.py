"""Scores a model on labelled texts, labelled as the server would label them."""

from collections.abc import Iterable, Sequence

import numpy as np

from training.article import Article
from training.corpus import Corpus
from training.encoder import Encoder, Progress, encode_texts
from training.labels import Labelling
from training.metrics import Metrics, measure
from training.model import Model


def label_articles(
    model: Model, encoder: Encoder, articles: Iterable[Article], progress: Progress | None = None
) -> list[Labelling]:
    """The labels of each article, in order; `progress` counts encoded passages."""
    passages = [model.split(article, encoder) for article in articles]
    embeddings = encode_texts(encoder, [p.text for ps in passages for p in ps], progress=progress)
    return model.label(passages, embeddings)


def evaluate(
    model: Model, encoder: Encoder, corpus: Corpus, progress: Progress | None = None
) -> Metrics:
    """The metrics of the model's labels for the texts of a corpus of the same taxonomy."""
    articles = [Article(body=text) for text in corpus.texts]
    labellings = label_articles(model, encoder, articles, progress)
    topics = model.taxonomy.ids
    shape = (len(labellings), len(topics))
    probabilities = np.array([[*found.probabilities.values()] for found in labellings])
    given = np.array([_flags(found, topics) for found in labellings], dtype=bool)
    return measure(
        topics,
        probabilities.reshape(shape),
        given.reshape(shape),
        corpus.targets(model.taxonomy),
        model.heads.thresholds,
    )


def _flags(labelling: Labelling, topics: Sequence[str]) -> list[bool]:
    given = {label.topic for label in labelling.labels}
    return [topic in given for topic in topics]
