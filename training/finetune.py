"""Tunes an encoder end to end, together with a linear head for each topic.

The encoder and these heads learn from the same loss, binary cross-entropy for each topic, so a text
may carry several topics or none. The heads are then thrown away for logistic regressions fitted on
what the encoder has become, as these tell other texts better. How long to tune, and how strong they
are to be, is decided on texts held out: copies are tuned without one fold each, and classifiers
fitted after every epoch are scored on that fold. What does best over all folds is where the final
run, on the whole corpus and the same schedule, stops. The same held-out scores calibrate the
classifiers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from torch.optim.swa_utils import AveragedModel

from training.arrays import Embeddings, Flags, Tokens
from training.batching import plan_batches
from training.encoder import Progress
from training.fit import Examples, Uncalibrated, fit_classifiers, mean_precision
from training.folds import deal_folds, number_equal
from training.precision import has_fast_bfloat16
from training.seeds import Seeds
from training.sentence_encoder import SentenceEncoder

FOLDS = 3
"""How many copies are tuned to decide how long to tune and to calibrate."""

EPOCHS = 4
"""Most passes over the corpus; the learning rate falls to zero over them."""

ENCODER_RATE = 8e-5
HEAD_RATE = 1e-2
"""Learning rates of AdamW; the heads start from nothing, the encoder from much."""

WARM_UP = 0.1
"""The share of the steps over which the learning rates rise."""

TOKENS_A_STEP = 2048
"""Most padded tokens in one step. Bounds memory whatever the size of the corpus."""

STRENGTHS = (8.0, 2.0, 0.2)
"""Inverses of the classifiers' L2 penalty to choose from, scikit-learn's `C`."""

SCALE = 5.0
"""What unit vectors are multiplied by before the heads, so that these can be sure."""


@dataclass(frozen=True)
class TuningTexts:
    """Tokenized texts and the topics that each carries."""

    tokens: Sequence[Tokens]
    targets: Flags
    """bool [texts, topics]."""

    def __add__(self, other: "TuningTexts") -> "TuningTexts":
        return TuningTexts(
            [*self.tokens, *other.tokens], np.concatenate([self.targets, other.targets])
        )

    def chosen(self, mask: NDArray[np.bool_]) -> "TuningTexts":
        """The texts where the mask is true."""
        return TuningTexts(
            [self.tokens[int(at)] for at in np.flatnonzero(mask)], self.targets[mask]
        )


@dataclass(frozen=True)
class TuningSet:
    """All that an encoder is tuned on; only the corpus is ever held out."""

    corpus: TuningTexts
    seeds: TuningTexts
    """Texts that stand for the topics."""
    background: Sequence[Tokens]
    """Passages about none of them; may be empty if the corpus has some."""

    def without(self, held_out: NDArray[np.bool_]) -> TuningTexts:
        """All texts but those of the corpus where the mask is true."""
        nothing = np.zeros((len(self.background), self.seeds.targets.shape[1]), dtype=bool)
        known = self.seeds + TuningTexts(self.background, nothing)
        return self.corpus.chosen(~held_out) + known


@dataclass(frozen=True)
class Tuned:
    """A tuned encoder with classifiers fitted on its embeddings."""

    encoder: SentenceEncoder
    heads: Uncalibrated


def finetune(
    encoder: SentenceEncoder, known: TuningSet, seed: int, progress: Progress | None = None
) -> Tuned:
    """A tuned copy of the encoder and its classifiers; the same input and seed give the same ones.

    Args:
        encoder: left as it is; best in float32, as small steps vanish in less.
        known: what to learn; the corpus has at least one text for each fold.
        seed: of the folds, the order of the texts and the dropout.
        progress: counts epochs of all runs.
    """
    targets = known.corpus.targets
    fold = deal_folds(targets, seed, FOLDS, number_equal(map(tuple, known.corpus.tokens)))
    told = _Counter(progress, (FOLDS + 1) * EPOCHS)
    held_out = {each: np.zeros(targets.shape) for each in product(range(EPOCHS), STRENGTHS)}
    for number in range(FOLDS):
        unseen = fold == number
        run = _Run(encoder, known.without(unseen), seed)
        for epoch in told(run.epochs()):
            examples = run.examples(known)
            for strength in STRENGTHS:
                odds = fit_classifiers(examples, ~unseen, strength).log_odds(examples.embeddings)
                held_out[epoch, strength][unseen] = odds[unseen]
    best = max(held_out, key=lambda each: (mean_precision(held_out[each], targets), each))
    last, strength = best
    nothing = np.zeros(len(fold), dtype=bool)
    final = _Run(encoder, known.without(nothing), seed)
    for _ in islice(told(final.epochs()), last + 1):
        pass
    classifiers = fit_classifiers(final.examples(known), ~nothing, strength)
    return Tuned(final.encoder, Uncalibrated(classifiers, held_out[best], fold))


def tune(
    encoder: SentenceEncoder,
    texts: TuningTexts,
    seeds: Sequence[int],
    progress: Progress | None = None,
) -> SentenceEncoder:
    """A copy of the encoder, tuned for all epochs once with each seed, its heads thrown away.

    Its weights are the mean of those after each epoch but the first (Izmailov et al., 2018) of
    all runs (Wortsman et al., 2022), which carries over to other texts better than any of them.
    """
    mean = AveragedModel(encoder.copy().model)
    told = _Counter(progress, EPOCHS * len(seeds))
    for seed in seeds:
        run = _Run(encoder, texts, seed)
        for epoch in told(run.epochs()):
            if epoch:
                mean.update_parameters(run.encoder.model)
    averaged: SentenceTransformer = mean.module  # type: ignore[assignment]
    return SentenceEncoder(averaged, encoder.reference)


class _Run:
    """One copy of the encoder on its way through the epochs."""

    def __init__(self, encoder: SentenceEncoder, texts: TuningTexts, seed: int) -> None:
        self.encoder = encoder.copy()
        self.encoder.freeze_words()
        self._texts = texts
        self._random = np.random.default_rng(seed)
        self._seed = seed
        topics = texts.targets.shape[1]
        self._head = torch.nn.Linear(encoder.reference.dimension, topics).to(encoder.model.device)
        torch.nn.init.zeros_(self._head.weight)
        torch.nn.init.zeros_(self._head.bias)
        self._loss = torch.nn.BCEWithLogitsLoss(pos_weight=_balance(texts.targets).to(self._device))
        self._optimizer = torch.optim.AdamW(
            [
                {"params": self.encoder.tunable(), "lr": ENCODER_RATE},
                {"params": self._head.parameters(), "lr": HEAD_RATE},
            ]
        )

    def epochs(self) -> Iterator[int]:
        """The number of each epoch, from 0, once it is done."""
        plans = [self._batches() for _ in range(EPOCHS)]
        steps = sum(map(len, plans))
        schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: _rise_and_fall((step + 1) / (steps + 1))
        )
        for epoch, batches in enumerate(plans):
            self.encoder.model.train()
            with torch.random.fork_rng():
                torch.manual_seed(self._seed + epoch)
                for batch in batches:
                    self._step(batch)
                    schedule.step()
            self.encoder.model.eval()
            yield epoch

    def examples(self, known: TuningSet) -> Examples:
        """The texts as the encoder now sees them."""
        return Examples(
            embeddings=self._embeddings(known.corpus.tokens),
            targets=known.corpus.targets,
            seeds=Seeds(self._embeddings(known.seeds.tokens), known.seeds.targets),
            background=self._embeddings(known.background),
        )

    def _embeddings(self, tokens: Sequence[Tokens]) -> Embeddings:
        """float32 [texts, dimension]."""
        found = np.zeros((len(tokens), self.encoder.reference.dimension), dtype=np.float32)
        with torch.inference_mode():
            for batch in _plan_steps([len(ids) for ids in tokens]):
                found[batch] = self._vectors([tokens[at] for at in batch]).cpu().numpy()
        return found

    def _batches(self) -> list[list[int]]:
        """Texts in random windows sorted by length, the batches in random order."""
        order = self._random.permutation(len(self._texts.tokens))
        lengths = [len(self._texts.tokens[at]) for at in order]
        plan = _plan_steps(lengths)
        return [
            [int(order[at]) for at in plan[chosen]]
            for chosen in self._random.permutation(len(plan))
        ]

    def _step(self, batch: Sequence[int]) -> None:
        targets = torch.from_numpy(self._texts.targets[batch].astype(np.float32)).to(self._device)
        loss = self._loss(self._logits([self._texts.tokens[at] for at in batch]), targets)
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.encoder.tunable(), 1.0)
        self._optimizer.step()

    def _logits(self, batch: Sequence[Tokens]) -> torch.Tensor:
        logits: torch.Tensor = self._head(SCALE * self._vectors(batch))
        return logits

    def _vectors(self, batch: Sequence[Tokens]) -> torch.Tensor:
        device = self._device.type
        low = has_fast_bfloat16(device)
        with torch.autocast(device, dtype=torch.bfloat16, enabled=low):
            return self.encoder.embed(batch)

    @property
    def _device(self) -> torch.device:
        return self.encoder.model.device


def _balance(targets: Flags) -> torch.Tensor:
    """How much more a text with a topic counts: the square root of how much rarer it is."""
    with_topic = np.maximum(targets.sum(axis=0), 1)
    return torch.from_numpy(
        np.sqrt((len(targets) - with_topic + 1) / with_topic).astype(np.float32)
    )


def _plan_steps(lengths: Sequence[int]) -> list[list[int]]:
    """However much it pads: smaller steps would be other steps."""
    return plan_batches(lengths, TOKENS_A_STEP, padding=TOKENS_A_STEP)


def _rise_and_fall(done: float) -> float:
    """The share of the full learning rate, linear up and linear down."""
    return min(done / WARM_UP, (1 - done) / (1 - WARM_UP))


class _Counter:
    """Tells the progress of several runs as one."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def __call__(self, epochs: Iterator[int]) -> Iterator[int]:
        for epoch in epochs:
            self._done += 1
            if self._progress:
                self._progress(self._done, self._total)
            yield epoch
