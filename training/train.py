"""Turns a taxonomy, a corpus and an encoder into a model."""

from datetime import UTC, datetime

from training.arrays import Embeddings
from training.article import Article
from training.background import encode_background, needs_background
from training.corpus import Corpus
from training.encoder import Encoder, Progress, encode_texts
from training.errors import InvalidCorpus
from training.finetune import FOLDS, TuningTexts, finetune
from training.fit import Examples, Fitted, fit_heads
from training.manifest import CorpusReference, Manifest, library_versions
from training.metrics import measure
from training.model import Model
from training.passages import split_article
from training.pooling import pool_passages
from training.seeds import encode_seeds, seed_texts
from training.sentence_encoder import SentenceEncoder
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
    """A model on the encoder as it is, not published yet; `progress` counts encoded passages."""
    seeds = encode_seeds(taxonomy, encoder)
    background = (
        encode_background(encoder, seeds) if needs_background(corpus) else seeds.embeddings[:0]
    )
    embeddings = encode_corpus(corpus, encoder, _passage_tokens(encoder), progress)
    examples = Examples(embeddings, corpus.targets(taxonomy), seeds, background)
    return _model(taxonomy, corpus, encoder, fit_heads(examples, seed), seed)


def finetune_model(
    taxonomy: Taxonomy,
    corpus: Corpus,
    encoder: SentenceEncoder,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Model, SentenceEncoder]:
    """A model and the encoder tuned for it, not published yet; `progress` counts epochs."""
    if len(corpus.rows) < FOLDS:
        raise InvalidCorpus([f"{len(corpus.rows)} texts are too few to tune an encoder on"])
    texts, owners = seed_texts(taxonomy)
    tuned = finetune(
        encoder,
        TuningTexts(encoder.tokenize(corpus.texts), corpus.targets(taxonomy)),
        TuningTexts(encoder.tokenize(texts), owners),
        seed,
        progress,
    )
    return _model(taxonomy, corpus, tuned.encoder, tuned.fitted, seed), tuned.encoder


def _model(
    taxonomy: Taxonomy, corpus: Corpus, encoder: Encoder, fitted: Fitted, seed: int
) -> Model:
    thresholds = fitted.heads.thresholds
    targets = corpus.targets(taxonomy)
    metrics = measure(taxonomy.ids, fitted.probabilities, fitted.given, targets, thresholds)
    manifest = Manifest(
        created_at=datetime.now(UTC),
        encoder=encoder.reference,
        passage_tokens=_passage_tokens(encoder),
        topics=taxonomy.ids,
        thresholds=tuple(thresholds.tolist()),
        corpus=CorpusReference(size=len(corpus.rows), sha256=corpus.sha256),
        seed=seed,
        macro_f1=metrics.macro_f1,
        micro_f1=metrics.micro_f1,
        versions=library_versions(),
        files={},
    )
    return Model(taxonomy, fitted.heads, manifest, metrics)


def _passage_tokens(encoder: Encoder) -> int:
    return min(PASSAGE_TOKENS, encoder.max_tokens)


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
