"""Everyday passages that show a model what lies outside its taxonomy."""

from typing import NamedTuple

import numpy as np

from training.arrays import Embeddings
from training.corpus import Corpus, builtin_corpus, tuning_corpus
from training.encoder import Encoder, encode_texts
from training.folds import FOLDS
from training.seeds import Seeds
from training.taxonomy import builtin_taxonomy

SOURCES = ("everyday_news", "page_furniture")
"""The sources of the built-in corpus that are about nothing in particular."""

NEAR = 0.3
"""The cosine to a seed from which a passage may belong to that seed's topic."""


class Background(NamedTuple):
    """Everyday passages."""

    texts: list[str]
    embeddings: Embeddings
    """float32 [passages, dimension]."""


def needs_background(corpus: Corpus) -> bool:
    """Whether the corpus shows too few texts about none of its topics for each fold to have one."""
    return sum(not row.labels for row in corpus.rows) < FOLDS


def pick_background(encoder: Encoder, seeds: Seeds) -> Background:
    """The everyday passages that are near no seed."""
    taxonomy = builtin_taxonomy()
    rows = (*builtin_corpus(taxonomy, SOURCES).rows, *tuning_corpus(taxonomy, SOURCES).rows)
    texts = [row.text for row in rows if not row.labels]
    embeddings = encode_texts(encoder, texts)
    nearest = (embeddings @ seeds.embeddings.T).max(axis=1)
    far = np.flatnonzero(nearest < max(NEAR, float(np.quantile(nearest, 0.1))))
    return Background([texts[at] for at in far], embeddings[far])
