"""An encoder's computation on a processor by OpenVINO: steps joined, and no Python between them.

Python's threads take turns, and a computation that goes step by step in Python waits at each of
them for whatever else a server does meanwhile, and keeps it waiting.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import openvino
import torch
from numpy.typing import NDArray
from openvino.frontend import FrontEndManager, OpConversionFailure
from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
from sentence_transformers import SentenceTransformer

from training.arrays import Embeddings
from training.encoder import Precision
from training.precision import pick_dtype
from training.quantize import quantize_products

SHAPES = ((3, 16), (1, 3), (5, 40))
"""Texts and tokens of batches on which what is compiled has to give the same."""

LEAST_COSINE = 0.98
"""To the vector of the module itself. Products in 8 bits change a vector by less."""

SHAPES_KEPT = 256
"""Of how many shapes of batches what has been prepared is kept, a third of a MiB each: of nearly
all that `training.batching` makes. By itself OpenVINO keeps thousands."""

GROUP = 128
"""So many numbers of an input share a unit where products are in 8 bits. With 384 vectors are twice
as far from those of float32, with 64 products take a twentieth longer."""

HINTS = {torch.bfloat16: "bf16", torch.float32: "f32"}


class Batch(NamedTuple):
    """Texts of different lengths, side by side."""

    ids: NDArray[np.int64]
    """Token ids: [texts, longest]."""
    mask: NDArray[np.int64]
    """1 where there is a token, 0 where there is padding: [texts, longest]."""


class Embedder(torch.nn.Module):
    """From token ids and attention mask, int64 [batch, longest] each, to unit vectors."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """float32 [batch, dimension], unit length."""
        output = self.model({"input_ids": ids, "attention_mask": mask})["sentence_embedding"]
        return torch.nn.functional.normalize(output.float(), dim=1)


class Compiled:
    """Computes what a module did when it was converted; several threads may call it at once.

    It is made ready by the first call, so that its threads are of the same importance as the
    thread of that call.
    """

    def __init__(self, model: openvino.Model, options: dict[str, Any]) -> None:
        self._model = model
        self._options = options
        self._lock = Lock()
        self._ready: openvino.CompiledModel | None = None
        self._idle: list[openvino.InferRequest] = []

    def __call__(self, batch: Batch) -> Embeddings:
        """float32 [texts, dimension], unit length."""
        request = self._request()
        found: Embeddings = request.infer([*batch], share_inputs=True)[0].copy()
        self._idle.append(request)
        return found

    def _request(self) -> openvino.InferRequest:
        try:
            return self._idle.pop()
        except IndexError:
            with self._lock:
                if self._ready is None:
                    self._ready = openvino.Core().compile_model(self._model, "CPU", self._options)
            return self._ready.create_infer_request()


def compile_embedder(
    embedder: torch.nn.Module, precision: Precision, lanes: int, threads: int
) -> Compiled | None:
    """Gives the same as the module with its weights of now; None where that can't be had.

    Args:
        embedder: as `Embedder`, in float32.
        precision: of its products; not AUTO.
        lanes: how many calls may be under way at once.
        threads: of all calls together.
    """
    try:
        model = _convert(embedder)
        if precision is Precision.INT8:
            quantize_products(model)
        # One lane takes the thread of its caller, and makes none that would stay.
        once = Compiled(model, compiler_options(precision, lanes=1, threads=1))
        if not all(_agrees(once, embedder, *shape) for shape in SHAPES):
            return None
    except (AttributeError, OpConversionFailure, RuntimeError, TypeError, ValueError):
        return None
    return Compiled(model, compiler_options(precision, lanes, threads))


def compiler_options(precision: Precision, lanes: int, threads: int) -> dict[str, Any]:
    """What OpenVINO is told of the computation; arguments as of `compile_embedder`."""
    return {
        "INFERENCE_PRECISION_HINT": HINTS[pick_dtype(precision, "cpu")],
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP,
        "CPU_RUNTIME_CACHE_CAPACITY": SHAPES_KEPT,
        "ENABLE_CPU_PINNING": False,
        "NUM_STREAMS": lanes,
        "INFERENCE_NUM_THREADS": threads,
    }


def _convert(embedder: torch.nn.Module) -> openvino.Model:
    with torch.inference_mode(), _silence():
        example = tuple(map(torch.from_numpy, _example(*SHAPES[0])))
        traced = torch.jit.trace(embedder, example, check_trace=False, strict=False)  # type: ignore[no-untyped-call]
        steps = TorchScriptPythonDecoder(traced)  # has to outlive its conversion
        reader = FrontEndManager().load_by_framework("pytorch")
        try:
            return reader.convert(reader.load(steps))
        finally:
            # Torch would keep what it has made of the module's classes: 7 MiB each time.
            torch._C._jit_clear_class_registry()
            torch.jit._state._clear_class_state()


def _agrees(compiled: Compiled, embedder: torch.nn.Module, texts: int, tokens: int) -> bool:
    batch = _example(texts, tokens)
    with torch.inference_mode():
        expected = embedder(*map(torch.from_numpy, batch)).numpy()
    found = compiled(batch)
    return found.shape == expected.shape and bool(
        ((found * expected).sum(axis=1) > LEAST_COSINE).all()
    )


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


def _example(texts: int, tokens: int) -> Batch:
    """Texts of different lengths, the first of which fills its row."""
    ids = np.arange(1000, 1000 + texts * tokens).reshape(texts, tokens)
    lengths = np.linspace(tokens, 1, texts).astype(int)
    return Batch(ids, (np.arange(tokens) < lengths[:, None]).astype(np.int64))
