"""Any sentence-transformers model as an `Encoder`."""

import copy
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers.utils import logging as transformers_logging

from training.arrays import Embeddings, Tokens
from training.batching import pad_length
from training.compiled import Batch, Compiled, Embedder, compile_embedder
from training.encoder import EncoderReference, Precision
from training.encoder_update import apply_update
from training.errors import EncoderUnavailable
from training.precision import count_lanes, count_threads, pick_device, pick_dtype, pick_precision
from training.weights import (
    DEFAULT_ENCODER,
    DEFAULT_SHA256,
    find_encoder,
    find_update,
    hash_weights,
    untuned_name,
)


class _Padding(NamedTuple):
    token: int
    side: str


class SentenceEncoder:
    """A sentence-transformers model, called with batches of token ids."""

    def __init__(
        self,
        model: SentenceTransformer,
        reference: EncoderReference,
        precision: Precision = Precision.FLOAT32,
        compiled: Compiled | None = None,
    ) -> None:
        """Calls what was compiled of the model if there is such, and else the model."""
        self.reference = reference
        self.model = model
        self._embedder = Embedder(model)
        self._compiled = compiled
        self._padding = _Padding(model.tokenizer.pad_token_id or 0, model.tokenizer.padding_side)
        self._tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._prompt = model.prompts.get(model.default_prompt_name or "") or ""
        self.fingerprint = f"{reference.sha256} {precision} {self._prompt}"
        limit = self._limit = model.max_seq_length or model.tokenizer.model_max_length
        self.max_tokens = limit - len(self._tokenizer.encode(self._prompt).ids)
        self.lanes = count_lanes() if model.device.type == "cpu" else 1
        self._cutter = Tokenizer.from_str(self._tokenizer.to_str())
        self._cutter.enable_truncation(limit)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text in full, special tokens and prompt left out."""
        found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in found]

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """The token ids of each text, prompt and special tokens included, cut to what fits."""
        prompted = [self._prompt + text for text in texts]
        return [encoding.ids for encoding in self._cutter.encode_batch_fast(prompted)]

    def enter_lane(self) -> None:
        """Lets the thread have its part of the processor."""
        if self.lanes > 1:
            torch.set_num_threads(count_threads() // self.lanes)

    def encode_batch(self, batch: Sequence[Tokens]) -> Embeddings:
        """float32 [batch, dimension], unit length."""
        if self._compiled:
            longest = _longest(batch)
            fits = min(self._limit, pad_length(longest))
            return self._compiled(self._pad(batch, max(longest, fits)))
        with torch.inference_mode():
            vectors: Embeddings = self.embed(batch).cpu().numpy()
        return vectors

    def word_vectors(self) -> Embeddings:
        """What the transformer begins with for each token id: float32 [vocabulary, width]."""
        transformer = self.model.transformers_model
        if transformer is None:
            raise EncoderUnavailable(f"encoder {self.reference.name!r} has no word vectors")
        weights = transformer.get_input_embeddings().get_parameter("weight")
        vectors: Embeddings = weights.detach().float().cpu().numpy()
        return vectors

    def embed(self, batch: Sequence[Tokens]) -> torch.Tensor:
        """The same on the encoder's device, with gradients where they are wanted."""
        padded = (
            torch.from_numpy(each).to(self.model.device)
            for each in self._pad(batch, _longest(batch))
        )
        vectors: torch.Tensor = self._embedder(*padded)
        return vectors

    def copy(self) -> "SentenceEncoder":
        """One with weights of its own, to be tuned; nothing of it is compiled."""
        return SentenceEncoder(copy.deepcopy(self.model), self.reference)

    def freeze_words(self) -> None:
        """Keeps the vectors of the vocabulary as they are when the rest is tuned.

        They are half of the weights, a corpus has few of their words, and those that it lacks
        would be left behind.
        """
        transformer = self.model.transformers_model
        if transformer is not None:
            transformer.get_input_embeddings().requires_grad_(requires_grad=False)

    def tunable(self) -> list[torch.nn.Parameter]:
        """The weights that are not frozen."""
        return [each for each in self.model.parameters() if each.requires_grad]

    def save(self, folder: Path) -> str:
        """Writes a sentence-transformers folder and returns the SHA-256 of its weights."""
        self.model.save(str(folder), create_model_card=False, safe_serialization=True)
        for file in folder.rglob("*.safetensors"):
            file.chmod(0o644)  # they are written for their owner alone, unlike all the rest
        return hash_weights(folder)

    def _pad(self, batch: Sequence[Tokens], length: int) -> Batch:
        ids = np.full((len(batch), length), self._padding.token, dtype=np.int64)
        mask = np.zeros_like(ids)
        left = self._padding.side == "left"
        for row, tokens in enumerate(batch):
            place = slice(length - len(tokens), None) if left else slice(len(tokens))
            ids[row, place] = tokens
            mask[row, place] = 1
        return Batch(ids, mask)


def _longest(batch: Sequence[Tokens]) -> int:
    return max(len(tokens) for tokens in batch)


def load_encoder(
    name: str = DEFAULT_ENCODER,
    precision: Precision = Precision.AUTO,
    *,
    sha256: str | None = None,
    int8: bool = True,
) -> SentenceEncoder:
    """The encoder of that name or folder, on the best device of this machine.

    Args:
        name: a name on the model hub, a folder, or the default encoder's name.
        precision: the number format; by default what the machine is good at.
        sha256: what the weights' SHA-256 must be; by default anything, but for the default
            encoder, whose weights are known.
        int8: whether AUTO may become INT8. It tells topics as well as any, but stories less well.
    """
    folder, update = find_encoder(name), find_update(name)
    found = hash_weights(folder)
    if untuned_name(name) == DEFAULT_ENCODER and found != DEFAULT_SHA256:
        raise _unexpected(name)
    if update:
        found = hashlib.sha256(found.encode() + update).hexdigest()
    if sha256 and found != sha256:
        raise _unexpected(name)
    model = _load(folder, name, update)
    reference = EncoderReference(name, model.get_embedding_dimension() or 0, found)
    return _compile(model, reference, precision, int8=int8)


def _unexpected(name: str) -> EncoderUnavailable:
    return EncoderUnavailable(f"encoder {name!r}: its weights are not the expected ones")


def _compile(
    model: SentenceTransformer, reference: EncoderReference, asked: Precision, *, int8: bool
) -> SentenceEncoder:
    device, compiled = model.device.type, None
    precision = pick_precision(asked, device, int8=int8)
    if device == "cpu":
        compiled = compile_embedder(Embedder(model), precision, count_lanes(), count_threads())
    if precision is Precision.INT8 and not compiled:
        if asked is Precision.INT8:
            raise EncoderUnavailable(f"encoder {reference.name!r} can't be had in 8 bits here")
        precision = pick_precision(asked, device, int8=False)
    return SentenceEncoder(model.to(pick_dtype(precision, device)), reference, precision, compiled)


def _load(folder: Path, name: str, update: bytes | None) -> SentenceTransformer:
    """In float32."""
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(
            str(folder),
            device=pick_device(),
            local_files_only=True,
            model_kwargs={"dtype": torch.float32},
        )
        if update:
            model.load_state_dict(apply_update(model.state_dict(), update))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise EncoderUnavailable(f"encoder {name!r} can't be loaded: {reason}") from error
    return model.eval()
