"""Everyday passages that show a model what lies outside its taxonomy."""

from training.arrays import Embeddings
from training.corpus import Corpus, builtin_corpus
from training.encoder import Encoder, encode_texts
from training.seeds import Seeds
from training.taxonomy import builtin_taxonomy

SOURCES = ("everyday_news", "page_furniture")
"""The sources of the built-in corpus that are about nothing in particular."""

NEAR = 0.3
"""The cosine to a seed from which a passage may belong to that seed's topic."""


def needs_background(corpus: Corpus) -> bool:
    """Whether the corpus shows no text that is about none of its topics."""
    return all(row.labels for row in corpus.rows)


def encode_background(encoder: Encoder, seeds: Seeds) -> Embeddings:
    """The everyday passages that are near no seed: float32 [passages, dimension]."""
    rows = builtin_corpus(builtin_taxonomy()).rows
    texts = [row.text for row in rows if row.source in SOURCES and not row.labels]
    embeddings = encode_texts(encoder, texts)
    nearest = (embeddings @ seeds.embeddings.T).max(axis=1)
    far: Embeddings = embeddings[nearest < NEAR]
    return far
