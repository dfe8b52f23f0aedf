"""Labels many articles at once."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from service.archive.options import Mode
from service.archive.parts import Answer, LabelArticles
from training.arrays import Embeddings, Scores, Tokens
from training.article import Article
from training.batching import plan_calls
from training.calibration import Marks
from training.distil import StudentReader
from training.encoder import Encoder, encode_batches
from training.labels import PassageScores
from training.model import Model
from training.passages import readings
from training.student import Student

ENCODER, STUDENT = "encoder", "student"
"""The stages that decide."""


def make_labeller(mode: Mode, model: Model, encoder: Encoder) -> LabelArticles:
    """Labels in that mode; a model without a student is accurate in both."""
    student = model.student if mode is Mode.FAST else None
    return FastLabeller(model, encoder, student) if student else AccurateLabeller(model, encoder)


class AccurateLabeller:
    """Reads every passage with the model's encoder, exactly as a server would."""

    def __init__(self, model: Model, encoder: Encoder) -> None:
        self._model = model
        self._encoder = encoder

    def __call__(self, articles: Sequence[Article]) -> list[Answer]:
        """The answer for each article; articles that are labelled together share batches."""
        passages = self._model.split(articles, self._encoder)
        tokens = self._encoder.tokenize(readings(passages))
        embeddings = encode_distinct(self._encoder, tokens)
        labellings = self._model.label(passages, embeddings)
        ends = accumulate(map(len, passages))
        return [
            Answer(labelling, ENCODER, _mean(embeddings[end - len(group) : end]))
            for labelling, group, end in zip(labellings, passages, ends, strict=True)
        ]


class FastLabeller:
    """Reads with the encoder only the passages that the model's student has not cleared."""

    def __init__(self, model: Model, encoder: Encoder, student: Student) -> None:
        self._model = model
        self._encoder = encoder
        self._student = student
        self._read = StudentReader(student.weights, encoder.word_vectors())

    def __call__(self, articles: Sequence[Article]) -> list[Answer]:
        """The answer for each article; it is the student's if that has cleared all its passages."""
        passages = self._model.split(articles, self._encoder)
        tokens = self._encoder.tokenize(readings(passages))
        guessed = self._read(tokens)
        left = ~self._student.is_clear(guessed, [*map(len, passages)])
        asked = [each for each, is_left in zip(tokens, left, strict=True) if is_left]
        embeddings = encode_distinct(self._encoder, asked)
        scores = self._merge(guessed, left, self._model.score(embeddings))
        labellings = self._model.label_scored(passages, scores)
        answers: list[Answer] = []
        start = read = 0
        for labelling, group in zip(labellings, passages, strict=True):
            count = int(left[start : start + len(group)].sum())
            stage = ENCODER if count else STUDENT
            answers.append(Answer(labelling, stage, _mean(embeddings[read : read + count])))
            start, read = start + len(group), read + count
        return answers

    def _merge(self, guessed: Scores, left: Marks, told: PassageScores) -> PassageScores:
        """The model's scores where the encoder has read, and the student's elsewhere."""
        probabilities = np.minimum(guessed, np.nextafter(self._model.heads.thresholds, 0))
        probabilities[left] = told.probabilities
        if told.distances is None:
            return PassageScores(probabilities, None, told.limit)
        distances = np.full(len(guessed), np.nan)
        distances[left] = told.distances
        return PassageScores(probabilities, distances, told.limit)


def _mean(embeddings: Embeddings) -> Embeddings | None:
    if not len(embeddings):
        return None
    mean: Embeddings = embeddings.mean(axis=0)
    return mean


def encode_distinct(encoder: Encoder, texts: Sequence[Tokens]) -> Embeddings:
    """float32 [texts, dimension]; each different text is encoded once, all sorted by length."""
    rows: dict[tuple[int, ...], int] = {}
    row_of = [rows.setdefault(tuple(tokens), len(rows)) for tokens in texts]
    distinct: list[Tokens] = [list(tokens) for tokens in rows]
    batches = plan_calls([len(tokens) for tokens in distinct], window=max(1, len(distinct)))
    found: Embeddings = encode_batches(encoder, distinct, batches)[row_of]
    return found
