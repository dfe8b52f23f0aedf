"""Reads articles with one encoder: cuts them into passages and has these encoded."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from service.labelling.batcher import Batcher
from service.labelling.encoded import Encoded, join
from service.tracing import step
from training.arrays import Tokens
from training.article import Article
from training.batching import WINDOW
from training.encoder import Encoder
from training.passages import Passage, readings, split_articles

CHARACTERS = 4
"""Of a text make a token, about."""


@dataclass(frozen=True)
class Reader:
    """An encoder with the batcher that feeds it."""

    encoder: Encoder
    batcher: Batcher
    passage_tokens: int
    """Most tokens of a passage."""
    titles_apart: bool = False
    """Whether titles have passages of their own; so they tell best what articles have in common."""

    async def read(self, articles: Sequence[Article]) -> tuple[list[list[Passage]], Encoded]:
        """The passages of each article, and the embeddings of all of them in order.

        A window of passages at a time, so that one huge request neither fills the queue nor
        keeps others waiting for all of it. Raises Overloaded before anything is read if that
        would have to wait too long.
        """
        characters = sum(len(each.title) + len(each.body) for each in articles)
        with self.batcher.admitted(characters / CHARACTERS), step("tokenize"):
            passages, tokens = await asyncio.to_thread(self._tokenize, articles)
        windows = [tokens[start : start + WINDOW] for start in range(0, len(tokens), WINDOW)]
        return passages, join([await self.batcher.encode(window) for window in windows or [[]]])

    def _tokenize(self, articles: Sequence[Article]) -> tuple[list[list[Passage]], list[Tokens]]:
        passages = split_articles(
            articles,
            self.encoder.count_tokens,
            self.passage_tokens,
            titles_apart=self.titles_apart,
        )
        return passages, self.encoder.tokenize(readings(passages))
