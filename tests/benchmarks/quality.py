"""The built-in topics on real passages about war, which no model here has seen.

The built-in model as it is, and what each of its parts adds: a row for each with one part taken
away, or one added that was tried and left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from training.arrays import Embeddings
from training.corpus import Corpus, builtin_corpus, load_corpus, tuning_corpus
from training.encoder import Encoder, encode_texts
from training.fit import Examples, Fitted, fit_heads
from training.metrics import measure
from training.passages import PASSAGE_TOKENS, readings, split_articles
from training.pooling import embed_articles
from training.predictions import Predictions
from training.seeds import Seeds, encode_seeds, seed_texts
from training.sentence_encoder import load_encoder
from training.taxonomy import builtin_taxonomy
from training.weights import DEFAULT_ENCODER, NEWS_ENCODER

TAXONOMY = builtin_taxonomy()
LEXICAL_DIMENSIONS = 200


@dataclass(frozen=True)
class Variant:
    """What the heads are fitted on, and what they then tell."""

    corpus: Corpus
    examples: Examples
    real: Embeddings
    """Of the passages of all real texts: float32 [passages, dimension]."""
    owners: np.ndarray
    """The real text that each passage belongs to: int [passages]."""


def main(data: Path) -> None:
    """Prints a row for each variant: held out, and on the real passages."""
    real = load_corpus([data / "conflict_dev.jsonl"], TAXONOMY)
    news, default = load_encoder(NEWS_ENCODER), load_encoder(DEFAULT_ENCODER)
    corpus = builtin_corpus(TAXONOMY)
    every = Corpus((*corpus.rows, *tuning_corpus(TAXONOMY).rows))
    ours = _variant(corpus, news, real)
    topics = " | ".join(TAXONOMY.ids)
    print(f"| heads fitted on | held out | real: macro-F1 | 95 % | AP | {topics} | largest ECE |")
    print("|---" * (6 + len(TAXONOMY.ids)) + "|")
    _print("the built-in model", ours, real)
    _print("without names, descriptions and seed phrases", _without_seeds(ours), real)
    _print("with passages of 64 tokens", _variant(corpus, news, real, 64), real)
    _print("with thresholds of 0.5", ours, real, _at_a_half)
    _print("with word features beside", _with_words(ours, every, real), real)
    _print("encoder as it comes", _variant(corpus, default, real), real)
    _print("encoder as it comes, tuning passages too", _variant(every, default, real), real)


def _variant(
    corpus: Corpus, encoder: Encoder, real: Corpus, tokens: int = PASSAGE_TOKENS
) -> Variant:
    seeds = encode_seeds(TAXONOMY, encoder)
    embeddings = embed_articles(encoder, corpus.articles, tokens=tokens)
    targets = corpus.targets(TAXONOMY)
    examples = Examples(embeddings, targets, seeds, embeddings[:0])
    passages = split_articles(real.articles, encoder.count_tokens, tokens)
    owners = np.repeat(np.arange(len(passages)), [len(each) for each in passages])
    encoded = encode_texts(encoder, readings(passages))
    return Variant(corpus, examples, encoded, owners)


def _without_seeds(variant: Variant) -> Variant:
    seeds = variant.examples.seeds
    none = Seeds(seeds.embeddings[:0], seeds.targets[:0])
    return replace(variant, examples=replace(variant.examples, seeds=none))


def _with_words(variant: Variant, vocabulary: Corpus, real: Corpus) -> Variant:
    """Tf-idf of words and pairs, brought to few dimensions, of the length of an embedding."""
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=3)
    svd = TruncatedSVD(LEXICAL_DIMENSIONS, random_state=0)
    svd.fit(words.fit_transform(vocabulary.texts))

    def beside(embeddings: Embeddings, texts: list[str]) -> Embeddings:
        lexical = svd.transform(words.transform(texts))
        lexical /= np.maximum(np.linalg.norm(lexical, axis=1, keepdims=True), 1e-9)
        return np.hstack([embeddings, lexical]).astype(np.float32)

    seeds = variant.examples.seeds
    texts, _ = seed_texts(TAXONOMY)
    examples = replace(
        variant.examples,
        embeddings=beside(variant.examples.embeddings, variant.corpus.texts),
        seeds=Seeds(beside(seeds.embeddings, texts), seeds.targets),
        background=np.zeros((0, variant.real.shape[1] + LEXICAL_DIMENSIONS), dtype=np.float32),
    )
    whole = [real.texts[owner] for owner in variant.owners]
    return replace(variant, examples=examples, real=beside(variant.real, whole))


def _at_a_half(fitted: Fitted) -> Fitted:
    return replace(
        fitted,
        heads=replace(fitted.heads, thresholds=np.full(len(TAXONOMY.ids), 0.5)),
        given=fitted.probabilities >= 0.5,
    )


def _print(
    name: str,
    variant: Variant,
    real: Corpus,
    change: Callable[[Fitted], Fitted] = lambda fitted: fitted,
) -> None:
    fitted = change(fit_heads(variant.examples, TAXONOMY.aims, seed=0))
    passages = fitted.heads.probabilities(variant.real)
    probabilities = np.zeros((len(real.rows), passages.shape[1]))
    np.maximum.at(probabilities, variant.owners, passages)
    thresholds = fitted.heads.thresholds
    told = Predictions(
        topics=TAXONOMY.ids,
        probabilities=probabilities,
        given=probabilities >= thresholds,
        targets=real.targets(TAXONOMY),
        thresholds=thresholds,
    )
    held_out = replace(
        told,
        probabilities=fitted.probabilities,
        given=fitted.given,
        targets=variant.examples.targets,
    )
    found = measure(told)
    topics = found.topics.values()
    cells = (
        name,
        f"{measure(held_out).macro_f1:.3f}",
        f"{found.macro_f1:.3f}",
        "{:.2f}–{:.2f}".format(*found.intervals["macro_f1"]),
        f"{np.mean([topic.average_precision for topic in topics]):.3f}",
        *(f"{topic.f1:.3f}" for topic in topics),
        f"{max(topic.ece for topic in topics):.3f}",
    )
    print(f"| {' | '.join(cells)} |", flush=True)
