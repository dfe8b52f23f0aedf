"""The mistakes that the model is surest of, with what it took for evidence."""

from dataclasses import dataclass

import numpy as np

from training.article import Article
from training.calibration import log_odds
from training.encoder import encode_texts
from training.passages import split_article
from training.train import Trained

MOST = 24
SENTENCE_TOKENS = 24
"""How finely evidence is told apart; about a sentence."""


@dataclass(frozen=True)
class Part:
    """A piece of a text, and how probable the topic is from it alone."""

    text: str
    probability: float


@dataclass(frozen=True)
class Mistake:
    """A held-out text that was given a topic wrongly, or was not given its own."""

    topic: str
    probability: float
    threshold: float
    carried: bool
    source: str
    parts: tuple[Part, ...]
    """The text, cut; the final model's view of each."""


def find_mistakes(trained: Trained) -> list[Mistake]:
    """The mistakes furthest from the topic's threshold, in log-odds, first."""
    held_out = trained.held_out
    wrong = np.argwhere(held_out.given != held_out.targets)
    odds = log_odds(held_out.probabilities) - log_odds(held_out.thresholds)
    surest = sorted(wrong.tolist(), key=lambda at: -abs(odds[at[0], at[1]]))[:MOST]
    return [_describe(trained, text, topic) for text, topic in surest]


def _describe(trained: Trained, text: int, topic: int) -> Mistake:
    held_out, row = trained.held_out, trained.corpus.rows[text]
    return Mistake(
        topic=held_out.topics[topic],
        probability=float(held_out.probabilities[text, topic]),
        threshold=float(held_out.thresholds[topic]),
        carried=bool(held_out.targets[text, topic]),
        source=row.source,
        parts=_parts(trained, row.text, topic),
    )


def _parts(trained: Trained, text: str, topic: int) -> tuple[Part, ...]:
    tokens = min(SENTENCE_TOKENS, trained.encoder.max_tokens)
    passages = split_article(Article(body=text), trained.encoder.count_tokens, tokens)
    texts = [passage.text for passage in passages]
    probabilities = trained.model.heads.probabilities(encode_texts(trained.encoder, texts))
    return tuple(
        Part(piece, float(probability))
        for piece, probability in zip(texts, probabilities[:, topic], strict=True)
    )
