"""Distils a model into its student (Hinton et al., 2015).

The student takes a passage for a set of words (deep sets, Zaheer et al., 2017): one layer reads
the vector that the encoder itself begins with for each token, what it finds is pooled into mean
and maximum, and two layers tell the topics from that. As no token is read in the light of its
neighbours, the first layer is computed once for the whole vocabulary.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits, embedding_bag, gelu

from training.arrays import Embeddings, Scores, Tokens
from training.article import Article
from training.batching import plan_calls
from training.calibration import Vector
from training.corpus import builtin_corpus, tuning_corpus
from training.encoder import Encoder, Progress, encode_batches
from training.excerpts import make_excerpts
from training.model import Model
from training.passages import readings
from training.student import Student, pick_limits
from training.taxonomy import builtin_taxonomy
from training.train import Trained

WIDTH = 256
"""Of every layer."""

EPOCHS = 10
RATE = 2e-3
"""The highest learning rate of AdamW."""

BATCH = 256
DROPOUT = 0.1

HELD_OUT = 0.2
"""The share of the passages that the limits are chosen on."""

MOST_WRONG = 0.018
"""The share of these that may be clear although they carry a topic; in archives, which lie further
from the topics, it is less."""

AT_ONCE = 8192
"""How many passages are read together."""


class _Bags(NamedTuple):
    """Several passages' token ids, behind one another."""

    ids: torch.Tensor
    starts: torch.Tensor


class _Network(torch.nn.Module):
    def __init__(self, width: int, topics: int) -> None:
        super().__init__()
        self.word = torch.nn.Linear(width, WIDTH)
        self.pooled = torch.nn.Linear(2 * WIDTH, WIDTH)
        self.topics = torch.nn.Linear(WIDTH, topics)
        self.dropout = torch.nn.Dropout(DROPOUT)

    def read_words(self, vectors: torch.Tensor) -> torch.Tensor:
        """What is found in each word alone: [words, WIDTH]."""
        return torch.relu(self.word(self.dropout(vectors)))

    def forward(self, found: torch.Tensor, bags: _Bags) -> torch.Tensor:
        """Log-odds of each passage: [passages, topics]; the ids are rows of `found`."""
        pools = [embedding_bag(bags.ids, found, bags.starts, mode=how) for how in ("mean", "max")]
        hidden = gelu(self.pooled(self.dropout(torch.cat(pools, dim=1))))
        logits: torch.Tensor = self.topics(self.dropout(hidden))
        return logits


class StudentReader:
    """A student's network with the vocabulary that it reads."""

    def __init__(self, weights: Mapping[str, NDArray[np.float32]], words: Embeddings) -> None:
        self._topics = len(weights["topics.bias"])
        self._network = _Network(words.shape[1], self._topics)
        self._network.load_state_dict({n: torch.from_numpy(array) for n, array in weights.items()})
        self._network.eval()
        with torch.inference_mode():
            self._found = self._network.read_words(_standardise(words))

    def __call__(self, tokens: Sequence[Tokens]) -> Scores:
        """The probability of each topic: float64 [passages, topics]."""
        scores = np.zeros((len(tokens), self._topics))
        with torch.inference_mode():
            for start in range(0, len(tokens), AT_ONCE):
                logits = self._network(self._found, _pack(tokens[start : start + AT_ONCE]))
                scores[start : start + AT_ONCE] = torch.sigmoid(logits).numpy()
        return scores


class Lesson(NamedTuple):
    """Passages as a model labels them."""

    tokens: Sequence[Tokens]
    taught: Scores
    """The model's probabilities, [passages, topics]; nothing where it finds them unfamiliar."""


def distil_model(trained: Trained, progress: Progress | None = None) -> Model:
    """The model with a student; `progress` counts encoded passages.

    The student learns from the corpus, from the passages of news that come with Topicwire, and
    from excerpts of both, all as the model labels them.
    """
    model, encoder = trained.model, trained.encoder
    articles = [Article(body=text) for text in (*trained.corpus.texts, *_news())]
    texts = [*dict.fromkeys(readings(model.split(articles, encoder)))]
    seed = model.manifest.seed
    np.random.default_rng(seed).shuffle(texts)
    held_out = int(len(texts) * HELD_OUT)
    excerpts = make_excerpts(texts[held_out:], seed)
    tokens, taught = _ask(model, encoder, [*texts, *excerpts], progress)
    exam = Lesson(tokens[:held_out], taught[:held_out])
    lesson = Lesson(tokens[held_out:], taught[held_out:])
    student = distil(encoder.word_vectors(), lesson, exam, model.heads.thresholds, seed)
    return replace(model, student=student)


def _news() -> list[str]:
    taxonomy = builtin_taxonomy()
    return [*builtin_corpus(taxonomy).texts, *tuning_corpus(taxonomy).texts]


def _ask(model: Model, encoder: Encoder, texts: Sequence[str], progress: Progress | None) -> Lesson:
    tokens = encoder.tokenize(texts)
    batches = plan_calls([len(each) for each in tokens])
    scores = model.score(encode_batches(encoder, tokens, batches, progress))
    return Lesson(tokens, scores.probabilities * scores.familiar[:, None])


def distil(
    words: Embeddings, lesson: Lesson, exam: Lesson, thresholds: Vector, seed: int
) -> Student:
    """A student of what a model says; the same input and seed give the same one.

    Args:
        words: the encoder's vector of each token, float32 [vocabulary, width].
        lesson: what it learns from.
        exam: what its limits are chosen on; nothing of the lesson.
        thresholds: the model's, [topics].
        seed: of the first weights and the dropout.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = _fit(_standardise(words), lesson)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    scores = StudentReader(weights, words)(exam.tokens)
    return Student(weights, pick_limits(scores, exam.taught >= thresholds, MOST_WRONG))


def _fit(words: torch.Tensor, lesson: Lesson) -> _Network:
    tokens, taught = lesson
    network = _Network(words.shape[1], taught.shape[1])
    targets = torch.from_numpy(taught.astype(np.float32))
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    steps = EPOCHS * -(-len(tokens) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=max(2, steps))
    for _ in range(EPOCHS):
        for batch in torch.split(torch.randperm(len(tokens)), BATCH):
            bags = _pack([tokens[at] for at in batch.tolist()])
            known, rows = torch.unique(bags.ids, return_inverse=True)
            logits = network(network.read_words(words[known]), bags._replace(ids=rows))
            loss = binary_cross_entropy_with_logits(logits, targets[batch])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return network.eval()


def _standardise(words: Embeddings) -> torch.Tensor:
    return torch.from_numpy((words - words.mean(axis=0)) / (words.std() + 1e-9))


def _pack(tokens: Sequence[Tokens]) -> _Bags:
    lengths = [len(each) for each in tokens]
    ids = np.fromiter((one for each in tokens for one in each), dtype=np.int64, count=sum(lengths))
    starts = np.cumsum([0, *lengths[:-1]])
    return _Bags(torch.from_numpy(ids), torch.from_numpy(starts))
