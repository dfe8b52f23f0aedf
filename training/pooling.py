"""One embedding for an article out of those of its passages."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from training.arrays import Embeddings
from training.article import Article
from training.encoder import Encoder, Progress, encode_texts
from training.passages import PASSAGE_TOKENS, readings, split_articles


def passage_tokens(encoder: Encoder) -> int:
    """Most tokens of a passage that the encoder is given."""
    return min(PASSAGE_TOKENS, encoder.max_tokens)


def embed_articles(
    encoder: Encoder,
    articles: Sequence[Article],
    progress: Progress | None = None,
    tokens: int | None = None,
) -> Embeddings:
    """One embedding for each article: float32 [articles, dimension].

    Titles are read apart: alone they tell best which event an article is about.

    Args:
        encoder: reads the passages.
        articles: any number.
        progress: counts passages.
        tokens: most of a passage; by default as many as models use.
    """
    most = tokens or passage_tokens(encoder)
    split = split_articles(articles, encoder.count_tokens, most, titles_apart=True)
    texts = readings(split)
    return pool_passages(encode_texts(encoder, texts, progress=progress), [*map(len, split)])


def pool_passages(embeddings: Embeddings, counts: Sequence[int]) -> Embeddings:
    """The mean of each article's passages, its lead weighing most: float32 [articles, dimension].

    The passage at position `i` weighs 1/sqrt(1 + i), as news says first what matters most. An
    article without passages gets zeros, any other a vector of unit length.

    Args:
        embeddings: of all passages in order, float32 [passages, dimension].
        counts: how many passages each article has.
    """
    pooled = np.zeros((len(counts), embeddings.shape[1]), dtype=np.float32)
    for row, (count, end) in enumerate(zip(counts, accumulate(counts), strict=True)):
        weights = 1 / np.sqrt(np.arange(1, count + 1, dtype=np.float32))
        pooled[row] = weights @ embeddings[end - count : end]
    pooled /= np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)
    return pooled
