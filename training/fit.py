"""Fits one calibrated logistic regression for each topic."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from training.arrays import Embeddings, Flags, Scores
from training.calibration import Marks, Vector, best_threshold, fit_sigmoid, sigmoid
from training.folds import deal_folds, train_and_test
from training.heads import Heads
from training.seeds import Seeds

STRENGTH = 2.0
"""Inverse of the L2 penalty: scikit-learn's `C`."""

SEED_WEIGHT = 2.0
"""How many corpus texts a name, description or seed phrase counts for."""

BACKGROUND_WEIGHT = 0.25
"""How many corpus texts a background passage counts for."""

UNTUNED_THRESHOLD = 0.5
"""Where the corpus has no text with the topic, or none without it."""


@dataclass(frozen=True)
class Examples:
    """Everything that the heads are fitted on."""

    embeddings: Embeddings
    """The corpus: float32 [texts, dimension]."""
    targets: Flags
    """Its labels: bool [texts, topics]."""
    seeds: Seeds
    background: Embeddings
    """Passages about no topic: float32 [passages, dimension]."""


@dataclass(frozen=True)
class Fitted:
    """The heads, and what they said of each text when it was held out of every step of the fit."""

    heads: Heads
    probabilities: Scores
    """Of the corpus, held out: float64 [texts, topics]."""
    given: Flags
    """The labels given to the corpus, held out: bool [texts, topics]."""


@dataclass(frozen=True)
class _Head:
    coefficients: Vector
    intercept: float
    threshold: float
    probabilities: Vector
    given: Marks


def fit_heads(examples: Examples, seed: int) -> Fitted:
    """The heads of all topics; the same examples and seed give the same heads."""
    fold = deal_folds(examples.targets, seed)
    heads = [_fit_head(examples, topic, fold) for topic in range(examples.targets.shape[1])]
    return Fitted(
        heads=Heads(
            coefficients=np.array([head.coefficients for head in heads], dtype=np.float32),
            intercepts=np.array([head.intercept for head in heads], dtype=np.float32),
            thresholds=np.array([head.threshold for head in heads]),
        ),
        probabilities=np.column_stack([head.probabilities for head in heads]),
        given=np.column_stack([head.given for head in heads]),
    )


def _fit_head(examples: Examples, topic: int, fold: NDArray[np.intp]) -> _Head:
    marks = examples.targets[:, topic]
    scores = _held_out_scores(examples, topic, fold)
    slope, offset, threshold = _tune(scores, marks)
    classifier = _classifier(examples, topic, np.ones(len(marks), dtype=bool))
    probabilities, given = _held_out_decisions(scores, marks, fold)
    return _Head(
        coefficients=slope * classifier.coef_[0],
        intercept=slope * float(classifier.intercept_[0]) + offset,
        threshold=threshold,
        probabilities=probabilities,
        given=given,
    )


def _classifier(examples: Examples, topic: int, chosen: Marks) -> LogisticRegression:
    """Fitted on the chosen corpus texts, the topics' seeds and the background."""
    seeds, seed_marks = examples.seeds.for_topic(topic)
    texts, background = examples.embeddings[chosen], examples.background
    weights = np.repeat(
        [1.0, SEED_WEIGHT, BACKGROUND_WEIGHT], [len(texts), len(seeds), len(background)]
    )
    marks = [examples.targets[chosen, topic], seed_marks, np.zeros(len(background), dtype=bool)]
    classifier = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
    return classifier.fit(
        np.concatenate([texts, seeds, background]), np.concatenate(marks), sample_weight=weights
    )


def _held_out_scores(examples: Examples, topic: int, fold: NDArray[np.intp]) -> Vector:
    """Log-odds of each text from a classifier that was fitted without its fold."""
    scores = np.zeros(len(fold))
    for train, test in train_and_test(fold):
        classifier = _classifier(examples, topic, train)
        scores[test] = classifier.decision_function(examples.embeddings[test])
    return scores


def _tune(scores: Vector, marks: Marks) -> tuple[float, float, float]:
    """Slope, offset and threshold for scores of texts that the classifier had not seen."""
    slope, offset = fit_sigmoid(scores, marks)
    if marks.all() or not marks.any():
        return slope, offset, UNTUNED_THRESHOLD
    return slope, offset, best_threshold(sigmoid(scores, slope, offset))


def _held_out_decisions(
    scores: Vector, marks: Marks, fold: NDArray[np.intp]
) -> tuple[Vector, Marks]:
    """Probabilities and labels of each fold, calibrated and tuned on the other folds alone."""
    probabilities = np.zeros(len(scores))
    given = np.zeros(len(scores), dtype=bool)
    for train, test in train_and_test(fold):
        slope, offset, threshold = _tune(scores[train], marks[train])
        probabilities[test] = sigmoid(scores[test], slope, offset)
        given[test] = probabilities[test] >= threshold
    return probabilities, given
