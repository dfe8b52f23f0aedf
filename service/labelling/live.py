"""The model that answers, in memory and warm."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Protocol

from service.errors import NotReady
from service.labelling.batcher import Batcher
from service.labelling.encoded import Encoded, longest
from service.labelling.history import History
from service.labelling.limits import Limits
from service.labelling.reader import Reader
from service.labelling.review import ReviewPool
from service.metrics import ARTICLES, LABELS, PROBABILITY, UNFAMILIAR
from service.settings import Settings
from service.tracing import step
from training.article import Article
from training.encoder import Encoder
from training.labels import Labelling
from training.model import Model
from training.passages import Passage, readings
from training.pooling import pool_passages

AT_ONCE = 64
"""Most passages labelled on the event loop; more would keep other callers waiting."""

WARM_UP = "Warm-up: the first encoder call is slower than the rest."


class Calls:
    """Counts the calls under way, so that what they need does not go before they end."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    def __enter__(self) -> None:
        self._count += 1
        self._none.clear()

    def __exit__(self, *_: object) -> None:
        self._count -= 1
        if not self._count:
            self._none.set()

    async def ended(self) -> None:
        """Returns when none is under way."""
        await self._none.wait()


@dataclass(frozen=True)
class LiveModel:
    """A numbered model with its encoder; answers of one LiveModel come from one model."""

    number: int
    model: Model
    labeller: Reader
    """Reads with the model's encoder."""
    grouper: Reader
    """Reads with an encoder that tells any two articles apart, not topics alone."""
    review: ReviewPool
    calls: Calls = field(default_factory=Calls)
    history: History = field(default_factory=History)

    async def label(self, articles: Sequence[Article]) -> tuple[list[Labelling], Encoded]:
        """The labels of each article, in order, and where the time went."""
        with self.calls:
            passages, encoded = await self.labeller.read(articles)
            return await self._label_soon(passages, encoded), encoded

    async def embed(self, articles: Sequence[Article]) -> Encoded:
        """One embedding for each article, in order, and where the time went."""
        with self.calls:
            return _pool(*await self.grouper.read(articles))

    async def label_and_embed(self, articles: Sequence[Article]) -> tuple[list[Labelling], Encoded]:
        """Both."""
        (labellings, labelled), embedded = await asyncio.gather(
            self.label(articles), self.embed(articles)
        )
        return labellings, longest(embedded, labelled)

    async def _label_soon(self, passages: list[list[Passage]], encoded: Encoded) -> list[Labelling]:
        with step("score"):
            if len(encoded.embeddings) <= AT_ONCE:
                return self._label(passages, encoded)
            return await asyncio.to_thread(self._label, passages, encoded)

    def _label(self, passages: list[list[Passage]], encoded: Encoded) -> list[Labelling]:
        scores = self.model.score(encoded.embeddings)
        texts = readings(passages)
        self.review.offer(texts, scores.probabilities, encoded.embeddings)
        labellings = self.model.label_scored(passages, scores)
        self.history.note(labellings)
        _measure(labellings)
        return labellings


def _measure(labellings: Sequence[Labelling]) -> None:
    ARTICLES.inc(len(labellings))
    UNFAMILIAR.inc(sum(labelling.out_of_distribution for labelling in labellings))
    for label in (label for labelling in labellings for label in labelling.labels):
        LABELS.labels(label.topic).inc()
        PROBABILITY.labels(label.topic).inc(label.probability)


def _pool(passages: list[list[Passage]], encoded: Encoded) -> Encoded:
    """One embedding for each article."""
    pooled = pool_passages(encoded.embeddings, [len(group) for group in passages])
    return replace(encoded, embeddings=pooled)


class FindsModels(Protocol):
    """What `Rotation` does."""

    async def find(self, name: str) -> LiveModel:
        """The model of that number or alias."""

    async def promote(self, number: int) -> None:
        """Makes it the live one."""

    async def rollback(self) -> int:
        """Makes the one before the live one."""


class ModelSlot:
    """Where the live model is found; empty until the first one is warm."""

    def __init__(self) -> None:
        self.live: LiveModel | None = None
        self.rotation: FindsModels | None = None
        """Has the others."""

    async def find(self, name: str) -> LiveModel:
        """The model of that number or alias, the live one for ""; raises ModelNotFound."""
        return await self.get_rotation().find(name) if name else self.get()

    def get_rotation(self) -> "FindsModels":
        """What has the others; raises NotReady while there is none."""
        if self.rotation is None:
            raise NotReady("the models are still being loaded")
        return self.rotation

    def get(self) -> LiveModel:
        """The live model; raises NotReady while there is none."""
        if self.live is None:
            raise NotReady("the model is still being loaded")
        return self.live


@asynccontextmanager
async def go_live(
    number: int,
    model: Model,
    encoder: Encoder,
    settings: Settings,
    untuned: Encoder | None = None,
) -> AsyncIterator[LiveModel]:
    """The model, warm and ready to answer until the context ends; calls under way end first.

    Args:
        number: the model's, in the store.
        model: what to answer with.
        encoder: the one that the model was fitted on.
        settings: how to batch.
        untuned: what that encoder was before it was tuned for the model's topics, if it was;
            a tuned one sees little but its topics, and would cluster by them alone.
    """
    limits = Limits(**{each.name: getattr(settings, each.name) for each in fields(Limits)})
    async with AsyncExitStack() as stack:

        async def open_reader(read_with: Encoder) -> Reader:
            batcher = await stack.enter_async_context(Batcher(read_with, limits))
            return Reader(read_with, batcher, model.manifest.passage_tokens)

        labeller = await open_reader(encoder)
        grouper = replace(await open_reader(untuned) if untuned else labeller, titles_apart=True)
        review = ReviewPool(model.heads.thresholds, settings.review_limit)
        live = LiveModel(number, model, labeller, grouper, review)
        for reader in {each.batcher: each for each in (labeller, grouper)}.values():
            await reader.read([Article(body=WARM_UP)])
        yield live
        await live.calls.ended()
