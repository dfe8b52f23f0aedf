"""Topicwire against SetFit and tf-idf, trained and tested on the same three folds of real passages.

All start from the same encoder as it comes, and none sees the corpus written for Topicwire.
SetFit is run by a Python of its own, given by `--setfit`, and left out without it. Its thresholds
are 0.5 as it comes, and once those of highest F1 on the training texts, told by heads that had not
seen them.
"""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from tests.benchmarks.peers import Peers
from training.arrays import Flags, Scores
from training.corpus import Corpus, load_corpus
from training.encoder import Precision
from training.evaluate import predict
from training.folds import deal_folds, train_and_test
from training.sentence_encoder import load_encoder
from training.taxonomy import builtin_taxonomy
from training.train import Trained, finetune_model, train_model
from training.weights import DEFAULT_ENCODER, find_encoder

BUILTIN = builtin_taxonomy()
TAXONOMY = replace(
    BUILTIN,
    # So few texts promise no precision of 0.85; thresholds of highest F1, as the others have.
    topics=tuple(each.model_copy(update={"target_precision": None}) for each in BUILTIN.topics),
)
FOLDS = 3


class Told(NamedTuple):
    """The labels given to the tested texts, and how long the training took."""

    given: Flags
    seconds: float


Contestant = Callable[[Corpus, Corpus], dict[str, Told]]


def main(data: Path, peers: Peers) -> None:
    """Prints macro-F1 over the texts of all folds, and the seconds of training one fold."""
    corpus = load_corpus([data / "conflict_dev.jsonl"], TAXONOMY)
    targets = corpus.targets(TAXONOMY)
    fold = deal_folds(targets, seed=0, folds=FOLDS)
    contestants: list[Contestant] = [_frozen, _tuned, _tfidf]
    if python := peers.setfit:
        contestants.append(lambda train, test: _setfit(python, train, test))
    print(f"{len(targets)} real passages, {FOLDS} folds")
    print("| trained on two thirds, tested on the rest | macro-F1 | seconds of training |")
    print("|---|---|---|")
    for contestant in contestants:
        told = [
            (test, contestant(_part(corpus, train), _part(corpus, test)))
            for train, test in train_and_test(fold)
        ]
        for name in told[0][1]:
            given = np.zeros_like(targets)
            for test, found in told:
                given[test] = found[name].given
            seconds = np.median([found[name].seconds for _, found in told])
            score = f1_score(targets, given, average="macro", zero_division=0)
            print(f"| {name} | {score:.3f} | {seconds:.1f} |", flush=True)


def _frozen(train: Corpus, test: Corpus) -> dict[str, Told]:
    encoder = load_encoder()
    start = perf_counter()
    trained = train_model(TAXONOMY, train, encoder)
    return {"Topicwire": _tell(trained, test, perf_counter() - start)}


def _tuned(train: Corpus, test: Corpus) -> dict[str, Told]:
    encoder = load_encoder(precision=Precision.FLOAT32)
    start = perf_counter()
    trained = finetune_model(TAXONOMY, train, encoder)
    return {"Topicwire, `--finetune`": _tell(trained, test, perf_counter() - start)}


def _tell(trained: Trained, test: Corpus, seconds: float) -> Told:
    return Told(predict(trained.model, trained.encoder, test).given, seconds)


def _tfidf(train: Corpus, test: Corpus) -> dict[str, Told]:
    start = perf_counter()
    classifier = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2),
        OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", max_iter=1000)),
    )
    classifier.fit(train.texts, train.targets(TAXONOMY))
    seconds = perf_counter() - start
    return {"tf-idf and logistic regression": Told(classifier.predict(test.texts) == 1, seconds)}


def _setfit(python: Path, train: Corpus, test: Corpus) -> dict[str, Told]:
    targets = train.targets(TAXONOMY)
    fold = {
        "encoder": str(find_encoder(DEFAULT_ENCODER)),
        "texts": train.texts,
        "targets": targets.tolist(),
        "tested": test.texts,
    }
    script = Path(__file__).with_name("setfit_peer.py")
    done = subprocess.run(
        [python, script], input=json.dumps(fold), stdout=subprocess.PIPE, text=True, check=True
    )
    answer = json.loads(done.stdout)
    told, unseen = np.array(answer["told"]), np.array(answer["unseen"])
    tuned = _best_thresholds(unseen, targets)
    seconds = answer["seconds"]
    return {
        "SetFit as it comes": Told(told >= 0.5, seconds),
        "SetFit, thresholds tuned": Told(told >= tuned, seconds),
    }


def _best_thresholds(probabilities: Scores, targets: Flags) -> Scores:
    """Of each topic, the probability of a training text from which F1 is highest."""
    return np.array(
        [
            max(np.unique(p), key=lambda t, p=p, y=y: f1_score(y, p >= t))  # type: ignore[misc]
            for p, y in zip(probabilities.T, targets.T, strict=True)
        ]
    )


def _part(corpus: Corpus, mask: Flags) -> Corpus:
    return Corpus(tuple(corpus.rows[at] for at in np.flatnonzero(mask)))
