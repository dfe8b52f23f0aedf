"""Turns a taxonomy, a corpus and an encoder into a model."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from training.arrays import Embeddings
from training.background import needs_background, pick_background
from training.corpus import Corpus
from training.encoder import Encoder, Progress, encode_texts
from training.errors import InvalidCorpus
from training.finetune import FOLDS, TuningSet, TuningTexts, finetune
from training.fit import Examples, Fitted, calibrate_heads, fit_heads
from training.folds import number_equal
from training.manifest import CorpusReference, Manifest, library_versions
from training.metrics import measure
from training.model import Model
from training.novelty import fit_novelty
from training.pooling import embed_articles, passage_tokens
from training.predictions import Predictions
from training.seeds import encode_seeds, seed_texts
from training.sentence_encoder import SentenceEncoder
from training.taxonomy import Taxonomy


@dataclass(frozen=True)
class Trained:
    """A model that is not published yet, and what it was made from."""

    model: Model
    corpus: Corpus
    held_out: Predictions
    """What classifiers like the model's said of each text that they had not seen."""
    embeddings: Embeddings
    """Of the corpus: float32 [texts, dimension]."""
    encoder: Encoder
    tuned: SentenceEncoder | None = None
    """The encoder again if it was tuned for this model."""


def train_model(
    taxonomy: Taxonomy,
    corpus: Corpus,
    encoder: Encoder,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Trained:
    """A model on the encoder as it is, not published yet; `progress` counts encoded passages."""
    seeds = encode_seeds(taxonomy, encoder)
    background = seeds.embeddings[:0]
    if needs_background(corpus):
        background = pick_background(encoder, seeds).embeddings
    embeddings = embed_articles(encoder, corpus.articles, progress)
    targets = corpus.targets(taxonomy)
    same = number_equal(corpus.texts)
    examples = Examples(embeddings, targets, seeds, background, same)
    anchors = np.concatenate([seeds.embeddings, background])
    made = _Made(taxonomy, corpus, encoder, embeddings, anchors, seed)
    return _finish(made, fit_heads(examples, taxonomy.aims, seed))


def finetune_model(
    taxonomy: Taxonomy,
    corpus: Corpus,
    encoder: SentenceEncoder,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Trained:
    """A model and the encoder tuned for it, not published yet; `progress` counts epochs."""
    if len(corpus.rows) < FOLDS:
        raise InvalidCorpus([f"{len(corpus.rows)} texts are too few to tune an encoder on"])
    texts, owners = seed_texts(taxonomy)
    background: list[str] = []
    if needs_background(corpus):
        background = pick_background(encoder, encode_seeds(taxonomy, encoder)).texts
    known = TuningSet(
        corpus=TuningTexts(encoder.tokenize(corpus.texts), corpus.targets(taxonomy)),
        seeds=TuningTexts(encoder.tokenize(texts), owners),
        background=encoder.tokenize(background),
    )
    tuned = finetune(encoder, known, seed, progress)
    fitted = calibrate_heads(tuned.heads, corpus.targets(taxonomy), taxonomy.aims)
    embeddings = encode_texts(tuned.encoder, corpus.texts)
    anchors = encode_texts(tuned.encoder, [*texts, *background])
    made = _Made(taxonomy, corpus, tuned.encoder, embeddings, anchors, seed)
    return replace(_finish(made, fitted), tuned=tuned.encoder)


@dataclass(frozen=True)
class _Made:
    """What a model is made of, however its heads came about."""

    taxonomy: Taxonomy
    corpus: Corpus
    encoder: Encoder
    embeddings: Embeddings
    """Of the corpus: float32 [texts, dimension]."""
    anchors: Embeddings
    """Of what else the heads were fitted on: float32 [texts, dimension]."""
    seed: int


def _finish(made: _Made, fitted: Fitted) -> Trained:
    taxonomy, corpus, encoder = made.taxonomy, made.corpus, made.encoder
    novelty = fit_novelty(made.embeddings, made.anchors, made.seed)
    given = fitted.given
    if novelty:
        given = given & (novelty.distances(made.embeddings) <= novelty.limit)[:, None]
    held_out = Predictions(
        topics=taxonomy.ids,
        probabilities=fitted.probabilities,
        given=given,
        targets=corpus.targets(taxonomy),
        thresholds=fitted.heads.thresholds,
        sources=corpus.sources,
    )
    metrics = measure(held_out)
    manifest = Manifest(
        created_at=datetime.now(UTC),
        encoder=encoder.reference,
        passage_tokens=passage_tokens(encoder),
        topics=taxonomy.ids,
        thresholds=tuple(fitted.heads.thresholds.tolist()),
        distance_limit=novelty.limit if novelty else None,
        corpus=CorpusReference(size=len(corpus.rows), sha256=corpus.sha256),
        seed=made.seed,
        macro_f1=metrics.macro_f1,
        micro_f1=metrics.micro_f1,
        versions=library_versions(),
        files={},
    )
    model = Model(taxonomy, fitted.heads, manifest, metrics, novelty)
    return Trained(model, corpus, held_out, made.embeddings, encoder)
