"""A trained model: in memory, and as a folder on disk."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from training.arrays import Embeddings
from training.article import Article
from training.encoder import Encoder
from training.errors import InvalidTaxonomy, ModelRefused
from training.heads import Heads
from training.labels import Labelling, label_passages
from training.manifest import FORMAT, Manifest
from training.metrics import Metrics
from training.passages import Passage, split_article
from training.taxonomy import Taxonomy, parse_taxonomy

MANIFEST = "manifest.json"
HEADS = "heads.safetensors"
TAXONOMY = "taxonomy.toml"
METRICS = "metrics.json"


@dataclass(frozen=True)
class Model:
    """Everything needed to label an article but the encoder itself."""

    taxonomy: Taxonomy
    heads: Heads
    manifest: Manifest
    metrics: Metrics

    def split(self, article: Article, encoder: Encoder) -> list[Passage]:
        """The article's passages, cut as the texts were in training."""
        return split_article(article, encoder.count_tokens, self.manifest.passage_tokens)

    def label(
        self, articles: Sequence[Sequence[Passage]], embeddings: Embeddings
    ) -> list[Labelling]:
        """The labels of each article.

        Args:
            articles: the passages of each.
            embeddings: of all their passages in order, float32 [passages, dimension].
        """
        probabilities = self.heads.probabilities(embeddings)
        ends = accumulate(map(len, articles))
        return [
            label_passages(
                passages,
                probabilities[end - len(passages) : end],
                self.taxonomy.ids,
                self.heads.thresholds,
            )
            for passages, end in zip(articles, ends, strict=True)
        ]


def save_model(model: Model, folder: Path) -> None:
    """Writes the model into an empty folder; the manifest comes last, with the other hashes."""
    files = {
        HEADS: save_arrays(
            {"coefficients": model.heads.coefficients, "intercepts": model.heads.intercepts}
        ),
        TAXONOMY: model.taxonomy.to_toml().encode(),
        METRICS: model.metrics.model_dump_json(indent=2).encode(),
    }
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = model.manifest.model_copy(update={"files": hashes})
    files[MANIFEST] = manifest.model_dump_json(indent=2).encode()
    for name, content in files.items():
        _write_durably(folder / name, content)


def load_model(folder: Path) -> Model:
    """The model of a folder; raises ModelRefused unless everything matches its manifest."""
    manifest = read_manifest(folder)
    contents = {name: _read_checked(folder, name, manifest) for name in (HEADS, TAXONOMY, METRICS)}
    try:
        arrays = load_arrays(contents[HEADS])
        model = Model(
            taxonomy=parse_taxonomy(contents[TAXONOMY].decode(), str(folder / TAXONOMY)),
            heads=Heads(
                arrays["coefficients"], arrays["intercepts"], np.array(manifest.thresholds)
            ),
            manifest=manifest,
            metrics=Metrics.model_validate_json(contents[METRICS]),
        )
    except (SafetensorError, KeyError, InvalidTaxonomy, ValueError) as error:
        raise ModelRefused(f"{folder}: unreadable: {error}") from None
    _check_shapes(model, folder)
    return model


def read_manifest(folder: Path) -> Manifest:
    """What the folder says of itself, without a look at the rest of it."""
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_bytes())
        found = content.get("format") if isinstance(content, dict) else None
        if found != FORMAT:
            raise ModelRefused(f"{path}: format {found!r}, but this Topicwire reads {FORMAT}")
        return Manifest.model_validate(content)
    except OSError as error:
        raise ModelRefused(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelRefused(f"{path}: {where}: {first['msg']}") from None
    except ValueError:
        raise ModelRefused(f"{path}: not JSON") from None


def _read_checked(folder: Path, name: str, manifest: Manifest) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise ModelRefused(f"{folder / name}: {error.strerror}") from None
    if hashlib.sha256(content).hexdigest() != manifest.files.get(name):
        raise ModelRefused(f"{folder / name}: does not match the SHA-256 in {MANIFEST}")
    return content


def _check_shapes(model: Model, folder: Path) -> None:
    topics, dimension = len(model.taxonomy.topics), model.manifest.encoder.dimension
    matches = (
        model.taxonomy.ids == model.manifest.topics
        and model.heads.coefficients.shape == (topics, dimension)
        and model.heads.intercepts.shape == model.heads.thresholds.shape == (topics,)
    )
    if not matches:
        raise ModelRefused(f"{folder}: heads, topics and thresholds do not match the manifest")
    if not (
        np.isfinite(model.heads.coefficients).all() and np.isfinite(model.heads.intercepts).all()
    ):
        raise ModelRefused(f"{folder / HEADS}: has values that are no numbers")


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
