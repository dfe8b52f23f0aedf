"""AG News from names, descriptions and a few examples of each class.

Examples are drawn from the test set's 7,600 texts and scored on the rest; the class of a text
is its most probable topic. Beside it, logistic regression alone on embeddings of whole texts.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from tests.benchmarks.ag_news import read_test_set, taxonomy
from training.article import Article
from training.corpus import Corpus, LabelledText
from training.encoder import encode_texts
from training.passages import PASSAGE_TOKENS, readings, split_articles
from training.sentence_encoder import load_encoder
from training.train import train_model

Positions = NDArray[np.intp]

SHOTS = (0, 8, 16, 64)
DRAWS = 10
TOPICS = taxonomy()


def main(data: Path) -> None:
    """Prints the mean accuracy and its deviation over the draws."""
    encoder = load_encoder()
    rows = read_test_set(data)
    classes = np.array([at for _, at in rows])
    texts = [f"{article.title}. {article.body}" for article, _ in rows]
    whole = encode_texts(encoder, texts)
    passages = split_articles(
        [Article(body=t) for t in texts], encoder.count_tokens, PASSAGE_TOKENS
    )
    encoded = encode_texts(encoder, readings(passages))

    def ours(chosen: Positions) -> float:
        model = train_model(TOPICS, _corpus(texts, classes, chosen), encoder).model
        told = [[*found.probabilities.values()] for found in model.label(passages, encoded)]
        return _accuracy(np.argmax(told, axis=1), classes, chosen)

    def alone(chosen: Positions) -> float:
        classifier = LogisticRegression(max_iter=1000).fit(whole[chosen], classes[chosen])
        return _accuracy(classifier.predict(whole), classes, chosen)

    print(f"AG News, mean accuracy of {DRAWS} draws (standard deviation)")
    print("| examples per class | Topicwire | logistic regression alone |")
    print("|---|---|---|")
    for shots in SHOTS:
        drawn = [_draw(classes, shots, seed) for seed in range(DRAWS if shots else 1)]
        shown = [_shown([*map(ours, drawn)]), _shown([*map(alone, drawn)]) if shots else "–"]
        print(f"| {shots} | {' | '.join(shown)} |", flush=True)


def _draw(classes: Positions, shots: int, seed: int) -> Positions:
    """The positions of as many texts of each class."""
    random = np.random.default_rng(seed)
    of_class = [np.flatnonzero(classes == at) for at in range(len(TOPICS.ids))]
    return np.concatenate([random.choice(found, shots, replace=False) for found in of_class])


def _corpus(texts: Sequence[str], classes: Positions, chosen: Positions) -> Corpus:
    return Corpus(
        tuple(LabelledText(text=texts[at], labels=(TOPICS.ids[classes[at]],)) for at in chosen)
    )


def _accuracy(told: Positions, classes: Positions, chosen: Positions) -> float:
    """The share of texts told rightly, the examples left out."""
    rest = np.setdiff1d(np.arange(len(classes)), chosen)
    return float((told[rest] == classes[rest]).mean())


def _shown(accuracies: Sequence[float]) -> str:
    return f"{100 * np.mean(accuracies):.1f} ({100 * np.std(accuracies):.1f})"
