"""Fits one calibrated logistic regression for each topic."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from training.arrays import Embeddings, Flags, Scores
from training.calibration import Marks, Vector, fit_sigmoid, sigmoid
from training.folds import deal_folds, train_and_test
from training.heads import Heads
from training.seeds import Seeds
from training.thresholds import Aim, pick_threshold

STRENGTHS = (2.0, 0.2)
"""Inverses of the L2 penalty to choose from, scikit-learn's `C`; the first for small corpora."""

ENOUGH_TO_CHOOSE = 500
"""The texts from which held-out scores tell the better strength."""

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
    same: NDArray[np.intp] | None = None
    """A number for each text, the same for equal texts: int [texts]."""


@dataclass(frozen=True)
class Fitted:
    """The heads, and what they said of each text when it was held out of every step of the fit."""

    heads: Heads
    probabilities: Scores
    """Of the corpus, held out: float64 [texts, topics]."""
    given: Flags
    """The labels given to the corpus, held out: bool [texts, topics]."""


@dataclass(frozen=True)
class Classifiers:
    """One linear classifier for each topic."""

    coefficients: NDArray[np.floating]
    """[topics, dimension]."""
    intercepts: NDArray[np.floating]
    """[topics]."""

    def log_odds(self, embeddings: Embeddings) -> Scores:
        """float64 [texts, topics]."""
        odds: Scores = embeddings @ self.coefficients.T + self.intercepts
        return odds


@dataclass(frozen=True)
class Uncalibrated:
    """Classifiers, and the log-odds that others like them gave to the texts they had not seen."""

    classifiers: Classifiers
    held_out: Scores
    """Log-odds of the corpus: float64 [texts, topics]."""
    fold: NDArray[np.intp]
    """The fold that each text was held out with: int [texts]."""


def fit_heads(examples: Examples, aims: Sequence[Aim], seed: int) -> Fitted:
    """The heads of all topics; the same examples and seed give the same heads.

    Args:
        examples: what to fit them on.
        aims: what each topic's threshold is to reach.
        seed: of the folds.
    """
    fold = deal_folds(examples.targets, seed, same=examples.same)
    tried = STRENGTHS if len(fold) >= ENOUGH_TO_CHOOSE else STRENGTHS[:1]
    held_out = {strength: _held_out_scores(examples, fold, strength) for strength in tried}
    best = max(tried, key=lambda strength: mean_precision(held_out[strength], examples.targets))
    everything = np.ones(len(fold), dtype=bool)
    heads = Uncalibrated(fit_classifiers(examples, everything, best), held_out[best], fold)
    return calibrate_heads(heads, examples.targets, aims)


def fit_classifiers(examples: Examples, chosen: Marks, strength: float) -> Classifiers:
    """The classifiers of all topics, not calibrated.

    Args:
        examples: what to fit them on.
        chosen: which of the corpus's texts, bool [texts].
        strength: the inverse of the L2 penalty.
    """
    topics = range(examples.targets.shape[1])
    fitted = [_classifier(examples, topic, chosen, strength) for topic in topics]
    return Classifiers(
        np.array([each.coef_[0] for each in fitted]),
        np.array([each.intercept_[0] for each in fitted]),
    )


def calibrate_heads(heads: Uncalibrated, targets: Flags, aims: Sequence[Aim]) -> Fitted:
    """The heads with calibration folded in and thresholds tuned, on what was held out."""
    columns = list(zip(heads.held_out.T, targets.T, aims, strict=True))
    tuned = [_tune(*column) for column in columns]
    decided = [_held_out_decisions(*column, heads.fold) for column in columns]
    slopes, offsets, thresholds = map(np.array, zip(*tuned, strict=True))
    return Fitted(
        heads=Heads(
            coefficients=(slopes[:, None] * heads.classifiers.coefficients).astype(np.float32),
            intercepts=(slopes * heads.classifiers.intercepts + offsets).astype(np.float32),
            thresholds=thresholds,
        ),
        probabilities=np.column_stack([probabilities for probabilities, _ in decided]),
        given=np.column_stack([given for _, given in decided]),
    )


def _classifier(
    examples: Examples, topic: int, chosen: Marks, strength: float
) -> LogisticRegression:
    """Fitted on the chosen corpus texts, the topics' seeds and the background."""
    seeds, seed_marks = examples.seeds.for_topic(topic)
    texts, background = examples.embeddings[chosen], examples.background
    weights = np.repeat(
        [1.0, SEED_WEIGHT, BACKGROUND_WEIGHT], [len(texts), len(seeds), len(background)]
    )
    marks = [examples.targets[chosen, topic], seed_marks, np.zeros(len(background), dtype=bool)]
    classifier = LogisticRegression(C=strength, class_weight="balanced", max_iter=1000)
    return classifier.fit(
        np.concatenate([texts, seeds, background]), np.concatenate(marks), sample_weight=weights
    )


def _held_out_scores(examples: Examples, fold: NDArray[np.intp], strength: float) -> Scores:
    """Log-odds of each text from classifiers fitted without its fold: float64 [texts, topics]."""
    scores = np.zeros(examples.targets.shape)
    for train, test in train_and_test(fold):
        classifiers = fit_classifiers(examples, train, strength)
        scores[test] = classifiers.log_odds(examples.embeddings[test])
    return scores


def mean_precision(scores: Scores, targets: Flags) -> float:
    """The mean average precision of the topics that some text carries."""
    known = targets.any(axis=0)
    return float(average_precision_score(targets[:, known], scores[:, known])) if known.any() else 0


def _tune(scores: Vector, marks: Marks, aim: Aim) -> tuple[float, float, float]:
    """Slope, offset and threshold for scores of texts that the classifier had not seen."""
    slope, offset = fit_sigmoid(scores, marks)
    if marks.all() or not marks.any():
        return slope, offset, UNTUNED_THRESHOLD
    return slope, offset, pick_threshold(sigmoid(scores, slope, offset), aim)


def _held_out_decisions(
    scores: Vector, marks: Marks, aim: Aim, fold: NDArray[np.intp]
) -> tuple[Vector, Marks]:
    """Probabilities and labels of each fold, calibrated and tuned on the other folds alone."""
    probabilities = np.zeros(len(scores))
    given = np.zeros(len(scores), dtype=bool)
    for train, test in train_and_test(fold):
        slope, offset, threshold = _tune(scores[train], marks[train], aim)
        probabilities[test] = sigmoid(scores[test], slope, offset)
        given[test] = probabilities[test] >= threshold
    return probabilities, given
