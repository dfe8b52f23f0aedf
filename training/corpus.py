"""Labelled texts, read from JSONL and checked row by row."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, StrictStr, field_validator

from training.arrays import Flags
from training.article import Article
from training.rows import read_rows, refuse_half_characters
from training.taxonomy import Taxonomy


class LabelledText(BaseModel):
    """A passage or article with the topics it is about; other fields of its row are left alone."""

    model_config = ConfigDict(frozen=True)

    text: StrictStr
    """What the encoder reads; more than white space."""
    labels: tuple[StrictStr, ...]
    """The ids of its topics; empty if it is about none."""
    id: StrictStr = ""
    """The corpus's own name for it."""
    source: StrictStr = ""
    """Where it comes from; scores can be told apart by it."""

    @field_validator("text")
    @classmethod
    def _has_words(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("is empty")
        refuse_half_characters(text)
        return text


@dataclass(frozen=True)
class Corpus:
    """Labelled texts whose labels all stand in one taxonomy."""

    rows: tuple[LabelledText, ...]

    @property
    def texts(self) -> list[str]:
        """The texts, in order."""
        return [row.text for row in self.rows]

    @property
    def articles(self) -> list[Article]:
        """The texts as articles, in order."""
        return [Article(body=row.text) for row in self.rows]

    @property
    def sources(self) -> tuple[str, ...]:
        """Where each text comes from, in order."""
        return tuple(row.source for row in self.rows)

    @property
    def sha256(self) -> str:
        """A fingerprint of the texts and labels in their order, 64 hexadecimal digits."""
        digest = hashlib.sha256()
        for row in self.rows:
            digest.update(json.dumps([row.text, sorted(row.labels)]).encode())
        return digest.hexdigest()

    def corrected(self, rows: Iterable[LabelledText]) -> "Corpus":
        """The corpus with these rows in place of those of the same text, or behind the rest."""
        latest = {row.text: row for row in rows}
        known = {row.text for row in self.rows}
        replaced = [latest.get(row.text, row) for row in self.rows]
        return Corpus((*replaced, *(row for text, row in latest.items() if text not in known)))

    def targets(self, taxonomy: Taxonomy) -> Flags:
        """Which text carries which topic: bool [texts, topics]."""
        flags = [[topic in row.labels for topic in taxonomy.ids] for row in self.rows]
        return np.array(flags, dtype=bool).reshape(len(self.rows), len(taxonomy.topics))


def load_corpus(paths: Iterable[Path], taxonomy: Taxonomy) -> Corpus:
    """The rows of all files in order; raises InvalidCorpus naming every bad row of every file."""
    return Corpus(tuple(read_rows(paths, partial(_parse, taxonomy))))


def builtin_corpus(taxonomy: Taxonomy, sources: Iterable[str] = ("*",)) -> Corpus:
    """The passages written for the built-in topics that heads are fitted on, of some sources."""
    return _load_packaged("corpus", taxonomy, sources)


def tuning_corpus(taxonomy: Taxonomy, sources: Iterable[str] = ("*",)) -> Corpus:
    """The passages for the built-in topics that the news encoder was tuned on, of some sources."""
    return _load_packaged("tuning", taxonomy, sources)


def _load_packaged(name: str, taxonomy: Taxonomy, sources: Iterable[str]) -> Corpus:
    with as_file(files("training") / "data" / name) as folder:
        paths = [path for source in sources for path in folder.glob(f"{source}.jsonl")]
        return load_corpus(sorted(paths), taxonomy)


def _parse(taxonomy: Taxonomy, row: object) -> LabelledText:
    text = LabelledText.model_validate(row)
    unknown = [label for label in text.labels if label not in taxonomy.ids]
    if unknown:
        raise ValueError(f"labels: not in the taxonomy: {', '.join(unknown)}")
    return text
