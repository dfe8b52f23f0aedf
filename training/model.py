"""A trained model: in memory, and as a folder on disk."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

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
from training.labels import Labelling, PassageScores, label_passages
from training.manifest import FORMATS, Manifest
from training.metrics import Metrics
from training.novelty import Novelty
from training.passages import Passage, split_articles
from training.student import Student
from training.taxonomy import Taxonomy, parse_taxonomy

MANIFEST = "manifest.json"
HEADS = "heads.safetensors"
TAXONOMY = "taxonomy.toml"
METRICS = "metrics.json"
NOVELTY = "novelty.safetensors"
"""Absent where the corpus was too small."""
STUDENT = "student.safetensors"
"""Absent unless it was asked for."""
ENCODER = "encoder"
"""The folder of a tuned encoder's files; absent where the encoder is used as it came."""


@dataclass(frozen=True)
class Model:
    """Everything needed to label an article but the encoder itself."""

    taxonomy: Taxonomy
    heads: Heads
    manifest: Manifest
    metrics: Metrics
    novelty: Novelty | None = None
    """None if the corpus was too small to tell what lies outside it."""
    student: Student | None = None
    """None unless one was asked for."""

    def split(self, articles: Sequence[Article], encoder: Encoder) -> list[list[Passage]]:
        """The passages of each article, cut as the texts were in training."""
        return split_articles(articles, encoder.count_tokens, self.manifest.passage_tokens)

    def score(self, embeddings: Embeddings) -> PassageScores:
        """What the model says of passages, from their embeddings: float32 [passages, dimension]."""
        return PassageScores(
            probabilities=self.heads.probabilities(embeddings),
            distances=self.novelty.distances(embeddings) if self.novelty else None,
            limit=self.novelty.limit if self.novelty else inf,
        )

    def label(
        self, articles: Sequence[Sequence[Passage]], embeddings: Embeddings
    ) -> list[Labelling]:
        """The labels of each article.

        Args:
            articles: the passages of each.
            embeddings: of all their passages in order, float32 [passages, dimension].
        """
        return self.label_scored(articles, self.score(embeddings))

    def label_scored(
        self, articles: Sequence[Sequence[Passage]], scores: PassageScores
    ) -> list[Labelling]:
        """The labels of each article, from the scores of all their passages in order."""
        ends = accumulate(map(len, articles))
        return [
            label_passages(
                passages,
                scores[end - len(passages) : end],
                self.taxonomy.ids,
                self.heads.thresholds,
            )
            for passages, end in zip(articles, ends, strict=True)
        ]


class SavableEncoder(Protocol):
    """An encoder whose weights belong to one model."""

    def save(self, folder: Path) -> str:
        """Writes its files and returns the SHA-256 of its weights."""


def save_model(
    model: Model,
    folder: Path,
    tuned: SavableEncoder | None = None,
    documents: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Writes the model into an empty folder; the manifest comes last, with the other hashes.

    Args:
        model: what to write.
        folder: an empty one.
        tuned: the encoder, if it was tuned for this model.
        documents: what else goes into the folder, by file name.
    """
    manifest = model.manifest
    if tuned:
        reference = replace(manifest.encoder, sha256=tuned.save(folder / ENCODER), tuned=True)
        manifest = manifest.model_copy(update={"encoder": reference})
    heads = {"coefficients": model.heads.coefficients, "intercepts": model.heads.intercepts}
    _write_durably(folder / HEADS, save_arrays(heads))
    _write_durably(folder / TAXONOMY, model.taxonomy.to_toml().encode())
    _write_durably(folder / METRICS, model.metrics.model_dump_json(indent=2).encode())
    if model.novelty:
        _write_durably(folder / NOVELTY, save_arrays({"seen": model.novelty.seen}))
    if model.student:
        _write_durably(folder / STUDENT, _pack_student(model.student))
    for name, content in documents.items():
        _write_durably(folder / name, content)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hashes = {path.relative_to(folder).as_posix(): _sha256(path) for path in files}
    manifest = manifest.model_copy(update={"files": hashes})
    _write_durably(folder / MANIFEST, manifest.model_dump_json(indent=2).encode())


def load_model(folder: Path) -> Model:
    """The model of a folder; raises ModelRefused unless everything matches its manifest."""
    manifest = read_manifest(folder)
    for name in _needed(manifest):
        _check_file(folder, name, manifest)
    try:
        arrays = load_arrays((folder / HEADS).read_bytes())
        model = Model(
            taxonomy=parse_taxonomy((folder / TAXONOMY).read_text(encoding="utf-8")),
            heads=Heads(
                arrays["coefficients"], arrays["intercepts"], np.array(manifest.thresholds)
            ),
            manifest=manifest,
            metrics=Metrics.model_validate_json((folder / METRICS).read_bytes()),
            novelty=_load_novelty(folder, manifest),
            student=_load_student(folder, manifest),
        )
    except (SafetensorError, KeyError, InvalidTaxonomy, ValueError, OSError) as error:
        raise ModelRefused(f"{folder}: unreadable: {error}") from None
    _check_shapes(model, folder)
    return model


def _load_novelty(folder: Path, manifest: Manifest) -> Novelty | None:
    if manifest.distance_limit is None:
        return None
    seen = load_arrays((folder / NOVELTY).read_bytes())["seen"]
    if seen.ndim != 2 or seen.shape[1] != manifest.encoder.dimension:  # noqa: PLR2004 - a matrix
        raise ValueError(f"{NOVELTY} does not match the encoder")
    return Novelty(seen, manifest.distance_limit)


def _pack_student(student: Student) -> bytes:
    return save_arrays({**student.weights, "limits": student.limits})


def _load_student(folder: Path, manifest: Manifest) -> Student | None:
    if STUDENT not in manifest.files:
        return None
    arrays = load_arrays((folder / STUDENT).read_bytes())
    limits = arrays.pop("limits")
    if limits.shape != (len(manifest.topics),):
        raise ValueError(f"{STUDENT} does not match the topics")
    return Student(arrays, limits)


def read_manifest(folder: Path) -> Manifest:
    """What the folder says of itself, without a look at the rest of it."""
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_bytes())
        found = content.get("format") if isinstance(content, dict) else None
        if found not in FORMATS:
            known = " and ".join(map(str, FORMATS))
            raise ModelRefused(f"{path}: format {found!r}, but this Topicwire reads {known}")
        return Manifest.model_validate(content)
    except OSError as error:
        raise ModelRefused(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ModelRefused(f"{path}: {where}: {first['msg']}") from None
    except ValueError:
        raise ModelRefused(f"{path}: not JSON") from None


def _needed(manifest: Manifest) -> set[str]:
    """The files without which the model can't answer; what people read may be changed or gone."""
    own = {name for name in manifest.files if name.startswith(f"{ENCODER}/")}
    novelty = {NOVELTY} if manifest.distance_limit is not None else set()
    student = {STUDENT} & manifest.files.keys()
    return {HEADS, TAXONOMY, METRICS} | own | novelty | student


def _check_file(folder: Path, name: str, manifest: Manifest) -> None:
    try:
        found = _sha256(folder / name)
    except OSError as error:
        raise ModelRefused(f"{folder / name}: {error.strerror}") from None
    if found != manifest.files.get(name):
        raise ModelRefused(f"{folder / name}: does not match the SHA-256 in {MANIFEST}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
