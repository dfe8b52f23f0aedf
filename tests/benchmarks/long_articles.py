"""How an article's labels should follow from its passages.

Long articles are put together from real passages: nineteen about no topic and one about the
topic, or twenty about none. A good pooling ranks the former above the latter (average precision),
finds them, and gives the latter nothing.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score

from tests.benchmarks.builtin import train_builtin
from training.arrays import Scores
from training.calibration import Marks, Vector
from training.corpus import load_corpus
from training.encoder import encode_texts
from training.labels import raise_thresholds
from training.taxonomy import builtin_taxonomy

TAXONOMY = builtin_taxonomy()
PASSAGES = 20
ARTICLES = 500

POOLINGS: dict[str, Callable[[Scores], Scores]] = {
    "highest": lambda p: p.max(axis=-1),
    "mean of the two highest": lambda p: np.sort(p, axis=-1)[..., -2:].mean(axis=-1),
    "noisy or": lambda p: 1 - (1 - p).prod(axis=-1),
    "mean": lambda p: p.mean(axis=-1),
}


def main(data: Path) -> None:
    """Prints a row for each pooling; for the highest also with the thresholds of long articles."""
    model, encoder = train_builtin()
    real = load_corpus([data / "conflict_dev.jsonl"], TAXONOMY)
    probabilities = model.heads.probabilities(encode_texts(encoder, real.texts))
    own = model.heads.thresholds
    raised = raise_thresholds(own, PASSAGES)
    rows = [(name, pool, own) for name, pool in POOLINGS.items()]
    rows.insert(1, ("highest, more asked of long articles", POOLINGS["highest"], raised))
    print(f"articles of {PASSAGES} real passages, {ARTICLES} of each kind and topic")
    print("| pooling | average precision | found | given wrongly | F1 |")
    print("|---|---|---|---|---|")
    for name, pool, thresholds in rows:
        found = _measure(pool, probabilities, real.targets(TAXONOMY), thresholds)
        print(f"| {name} | {found[0]:.3f} | {found[1]:.1%} | {found[2]:.1%} | {found[3]:.3f} |")


def _measure(
    pool: Callable[[Scores], Scores], probabilities: Scores, targets: Marks, thresholds: Vector
) -> list[float]:
    """Means over topics: average precision, share found, share given wrongly, F1."""
    empty = ~np.asarray(targets.any(axis=1))
    rows = []
    for topic, threshold in enumerate(thresholds):
        without, carrying = _pool_articles(pool, probabilities[:, topic], targets[:, topic], empty)
        found, wrong = (carrying >= threshold).mean(), (without >= threshold).mean()
        marks = np.repeat([False, True], ARTICLES)
        precision = average_precision_score(marks, np.concatenate([without, carrying]))
        rows.append((precision, found, wrong, 2 * found / (1 + found + wrong)))
    means: list[float] = np.mean(rows, axis=0).tolist()
    return means


def _pool_articles(
    pool: Callable[[Scores], Scores], probabilities: Vector, carried: Marks, empty: Marks
) -> tuple[Vector, Vector]:
    """Of articles about nothing, and of ones with a passage about the topic."""
    random = np.random.default_rng(0)
    articles = random.choice(probabilities[empty], (2, ARTICLES, PASSAGES))
    articles[1, :, PASSAGES // 2] = random.choice(probabilities[carried], ARTICLES)
    without, carrying = pool(articles)
    return without, carrying
