"""Turns a taxonomy, a corpus and an encoder into a model."""

from datetime import UTC, datetime

from training.arrays import Embeddings
from training.article import Article
from training.background import encode_background, needs_background
from training.corpus import Corpus
from training.encoder import Encoder, Progress, encode_texts
from training.fit import Examples, fit_heads
from training.manifest import CorpusReference, Manifest, library_versions
from training.metrics import measure
from training.model import Model
from training.passages import split_article
from training.pooling import pool_passages
from training.seeds import encode_seeds
from training.taxonomy import Taxonomy

PASSAGE_TOKENS = 64
"""Most tokens of a passage. Shorter passages tell topics apart, longer ones give context."""


def train_model(
    taxonomy: Taxonomy,
    corpus: Corpus,
    encoder: Encoder,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Model:
    """A model that has not been published yet; `progress` counts encoded passages."""
    passage_tokens = min(PASSAGE_TOKENS, encoder.max_tokens)
    seeds = encode_seeds(taxonomy, encoder)
    background = (
        encode_background(encoder, seeds) if needs_background(corpus) else seeds.embeddings[:0]
    )
    targets = corpus.targets(taxonomy)
    embeddings = encode_corpus(corpus, encoder, passage_tokens, progress)
    fitted = fit_heads(Examples(embeddings, targets, seeds, background), seed)
    metrics = measure(
        taxonomy.ids, fitted.probabilities, fitted.given, targets, fitted.heads.thresholds
    )
    manifest = Manifest(
        created_at=datetime.now(UTC),
        encoder=encoder.reference,
        passage_tokens=passage_tokens,
        topics=taxonomy.ids,
        thresholds=tuple(fitted.heads.thresholds.tolist()),
        corpus=CorpusReference(size=len(corpus.rows), sha256=corpus.sha256),
        seed=seed,
        macro_f1=metrics.macro_f1,
        micro_f1=metrics.micro_f1,
        versions=library_versions(),
        files={},
    )
    return Model(taxonomy, fitted.heads, manifest, metrics)


def encode_corpus(
    corpus: Corpus, encoder: Encoder, passage_tokens: int, progress: Progress | None = None
) -> Embeddings:
    """One embedding for each text, pooled over its passages: float32 [texts, dimension]."""
    passages = [
        split_article(Article(body=text), encoder.count_tokens, passage_tokens)
        for text in corpus.texts
    ]
    texts = [passage.text for group in passages for passage in group]
    embeddings = encode_texts(encoder, texts, progress=progress)
    return pool_passages(embeddings, [len(group) for group in passages])
