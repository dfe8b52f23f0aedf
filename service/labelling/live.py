"""The model that answers, in memory and warm."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from service.errors import NotReady
from service.labelling.batcher import Batcher, Encoded, join
from service.labelling.review import ReviewPool
from service.settings import Settings
from training.arrays import Tokens
from training.article import Article
from training.batching import WINDOW
from training.encoder import Encoder
from training.labels import Labelling
from training.model import Model
from training.passages import Passage
from training.pooling import pool_passages

WARM_UP = "Warm-up: the first encoder call is slower than the rest."


@dataclass(frozen=True)
class LiveModel:
    """A numbered model with its encoder; answers of one LiveModel come from one model."""

    number: int
    model: Model
    encoder: Encoder
    batcher: Batcher
    review: ReviewPool

    async def label(self, articles: Sequence[Article]) -> tuple[list[Labelling], Encoded]:
        """The labels of each article, in order, and where the time went."""
        passages, encoded = await self._encode(articles)
        probabilities = self.model.heads.probabilities(encoded.embeddings)
        every = [passage for group in passages for passage in group]
        self.review.offer(every, probabilities, encoded.embeddings)
        return self.model.label(passages, encoded.embeddings), encoded

    async def embed(self, articles: Sequence[Article]) -> Encoded:
        """One embedding for each article, in order, and where the time went."""
        passages, encoded = await self._encode(articles)
        pooled = pool_passages(encoded.embeddings, [len(group) for group in passages])
        return replace(encoded, embeddings=pooled)

    async def _encode(self, articles: Sequence[Article]) -> tuple[list[list[Passage]], Encoded]:
        """The passages of each article, and the embeddings of all of them in order.

        A window of passages at a time, so that one huge request neither fills the queue nor
        keeps others waiting for all of it.
        """
        passages, tokens = await asyncio.to_thread(self._tokenize, articles)
        windows = [tokens[start : start + WINDOW] for start in range(0, len(tokens), WINDOW)]
        return passages, join([await self.batcher.encode(window) for window in windows or [[]]])

    def _tokenize(self, articles: Sequence[Article]) -> tuple[list[list[Passage]], list[Tokens]]:
        passages = [self.model.split(article, self.encoder) for article in articles]
        return passages, self.encoder.tokenize([p.text for group in passages for p in group])


class ModelSlot:
    """Where the live model is found; empty until the first one is warm."""

    def __init__(self) -> None:
        self.live: LiveModel | None = None

    def get(self) -> LiveModel:
        """The live model; raises NotReady while there is none."""
        if self.live is None:
            raise NotReady("the model is still being loaded")
        return self.live


@asynccontextmanager
async def go_live(
    number: int, model: Model, encoder: Encoder, settings: Settings
) -> AsyncIterator[LiveModel]:
    """The model, warm and ready to answer until the context ends."""
    async with Batcher(
        encoder,
        token_budget=settings.token_budget,
        window=settings.batch_window,
        queue_limit=settings.queue_limit,
    ) as batcher:
        review = ReviewPool(model.heads.thresholds, settings.review_limit)
        live = LiveModel(number, model, encoder, batcher, review)
        await live.embed([Article(body=WARM_UP)])
        yield live
