"""An encoder's computation without Python between its steps.

Python's threads take turns, and a computation that goes step by step in Python waits at each of
them for whatever else a server does meanwhile, and keeps it waiting.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, cast

import torch
from sentence_transformers import SentenceTransformer

SHAPES = ((3, 16), (1, 3), (5, 40))
"""Texts and tokens of batches on which what is compiled has to give the same."""

TOLERANCE = 1e-2
"""By how much a component may differ: what bfloat16 rounds."""


class Embed(Protocol):
    """From token ids and attention mask, int64 [batch, longest] each, to unit vectors."""

    def __call__(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """float32 [batch, dimension]."""


class Embedder(torch.nn.Module):
    """A sentence-transformers model as such a computation."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """float32 [batch, dimension], unit length."""
        output = self.model({"input_ids": ids, "attention_mask": mask})["sentence_embedding"]
        return torch.nn.functional.normalize(output.float(), dim=1)


def compiled(embedder: torch.nn.Module) -> Embed:
    """Gives the same as the module, with its weights; is the module where that can't be had."""
    first, *others = (_example(*shape) for shape in SHAPES)
    try:
        # What torch would rather have is its own compiler, which needs one of C++ where it runs.
        with torch.inference_mode(), _silence():
            traced = torch.jit.trace(embedder, first, check_trace=False, strict=False)  # type: ignore[no-untyped-call]
            for each in (first, *others):
                torch.testing.assert_close(traced(*each), embedder(*each), atol=TOLERANCE, rtol=0)
    except (AttributeError, AssertionError, RuntimeError, TypeError):
        return cast("Embed", embedder)
    return cast("Embed", traced)


@contextmanager
def _silence() -> Iterator[None]:
    """Tracing reads every attribute of a model, and each has something to say."""
    loggers = [logging.getLogger(name) for name in ("sentence_transformers", "transformers")]
    levels = [each.level for each in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for each in loggers:
            each.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for each, level in zip(loggers, levels, strict=True):
                each.setLevel(level)


def _example(texts: int, tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask of texts of different lengths, the first of which fills its row."""
    ids = torch.arange(1000, 1000 + texts * tokens).reshape(texts, tokens)
    lengths = torch.linspace(tokens, 1, texts).long()
    return ids, (torch.arange(tokens) < lengths[:, None]).long()
