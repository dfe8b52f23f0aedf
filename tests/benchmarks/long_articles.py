"""How an article's probability should follow from those of its passages.

Long articles are put together from real passages: nineteen about no topic and one about the
topic, or twenty about none. A good pooling ranks the former above the latter (average precision),
finds them at the model's own thresholds, and gives the latter nothing.
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
    """Prints a row for each pooling."""
    model, encoder = train_builtin()
    real = load_corpus([data / "conflict_dev.jsonl"], TAXONOMY)
    probabilities = model.heads.probabilities(encode_texts(encoder, real.texts))
    targets = real.targets(TAXONOMY)
    print(f"articles of {PASSAGES} real passages, {ARTICLES} of each kind and topic")
    print("| pooling | average precision | found | given wrongly |")
    print("|---|---|---|---|")
    for name, pool in POOLINGS.items():
        rows = [
            _measure(
                pool,
                probabilities[:, at],
                targets[:, at],
                ~np.asarray(targets.any(axis=1)),
                threshold,
            )
            for at, threshold in enumerate(model.heads.thresholds)
        ]
        precision, found, wrong = np.mean(rows, axis=0)
        print(f"| {name} | {precision:.3f} | {found:.1%} | {wrong:.1%} |", flush=True)


def _measure(
    pool: Callable[[Scores], Scores],
    probabilities: Vector,
    carried: Marks,
    empty: Marks,
    threshold: float,
) -> tuple[float, float, float]:
    random = np.random.default_rng(0)
    background = random.choice(probabilities[empty], (2, ARTICLES, PASSAGES))
    needles = random.choice(probabilities[carried], ARTICLES)
    background[1, :, PASSAGES // 2] = needles
    pooled = pool(background)
    marks = np.repeat([False, True], ARTICLES)
    return (
        float(average_precision_score(marks, pooled.ravel())),
        float((pooled[1] >= threshold).mean()),
        float((pooled[0] >= threshold).mean()),
    )
