"""Whether fifty labels that the model asked for teach it more than fifty others.

AG News: a model of 8 examples a class asks for the labels of 50 texts out of 2,000, or is given
those of 50 drawn at random, and is trained again; the other 5,568 texts judge.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.ag_news import read_test_set, taxonomy
from training.arrays import Embeddings
from training.background import pick_background
from training.encoder import encode_texts
from training.fit import Examples, Fitted, fit_heads
from training.review import pick_for_review
from training.seeds import Seeds, encode_seeds
from training.sentence_encoder import load_encoder

SHOTS = 8
POOL = 2000
ASKED = 50
DRAWS = 10
TOPICS = taxonomy()

Positions = NDArray[np.intp]


def main(data: Path) -> None:
    """Prints the mean accuracy before, and after either fifty."""
    encoder = load_encoder()
    rows = read_test_set(data)
    classes = np.array([at for _, at in rows])
    embeddings = encode_texts(encoder, [f"{article.title}. {article.body}" for article, _ in rows])
    seeds = encode_seeds(TOPICS, encoder)
    background = pick_background(encoder, seeds).embeddings
    results = [_draw(embeddings, classes, seeds, background, seed) for seed in range(DRAWS)]
    print(f"AG News, {SHOTS} examples a class, {DRAWS} draws: mean accuracy (standard deviation)")
    print("| before | 50 at random | 50 asked for |")
    print("|---|---|---|")
    shown = [f"{100 * np.mean(c):.2f} ({100 * np.std(c):.2f})" for c in zip(*results, strict=True)]
    print(f"| {' | '.join(shown)} |")


def _draw(
    embeddings: Embeddings, classes: Positions, seeds: Seeds, background: Embeddings, seed: int
) -> tuple[float, float, float]:
    random = np.random.default_rng(seed)
    order = random.permutation(len(classes))
    first = np.concatenate([order[classes[order] == at][:SHOTS] for at in range(len(TOPICS.ids))])
    rest = np.setdiff1d(order, first)
    pool, judges = np.split(random.permutation(rest), [POOL])

    def fit(chosen: Positions) -> Fitted:
        targets = classes[chosen, None] == np.arange(len(TOPICS.ids))
        examples = Examples(embeddings[chosen], targets, seeds, background)
        return fit_heads(examples, TOPICS.aims, seed)

    def accuracy(fitted: Fitted) -> float:
        told = fitted.heads.probabilities(embeddings[judges]).argmax(axis=1)
        return float((told == classes[judges]).mean())

    before = fit(first)
    heads = before.heads
    asked = pool[
        pick_for_review(
            heads.probabilities(embeddings[pool]), heads.thresholds, embeddings[pool], ASKED, seed
        )
    ]
    chosen = (pool[:ASKED], asked)
    return accuracy(before), *(accuracy(fit(np.concatenate([first, c]))) for c in chosen)  # type: ignore[return-value]
