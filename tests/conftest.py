import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fakes import FakeEncoder
from training.corpus import Corpus, LabelledText
from training.distil import distil_model
from training.model import Model
from training.taxonomy import Taxonomy, parse_taxonomy
from training.train import Trained, train_model

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

TAXONOMY = """
[[topics]]
id = "grid"
name = "Grid"
description = "blackout substation power grid outage"
seed_phrases = ["power lines down"]

[[topics]]
id = "talks"
name = "Talks"
description = "minister summit treaty talks envoy"
"""

GRID = ("blackout", "substation", "power", "grid", "outage")
TALKS = ("minister", "summit", "treaty", "talks", "envoy")
OTHER = ("football", "recipe", "garden", "novel", "weather")


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return parse_taxonomy(TAXONOMY)


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    rows = []
    for number in range(20):
        for words, labels in ((GRID, ("grid",)), (TALKS, ("talks",)), (OTHER, ())):
            text = f"{words[number % 5]} {words[(number // 5) % 5]} report number {number}."
            rows.append(LabelledText(text=text, labels=labels))
    rows += [
        LabelledText(text=f"{grid} and {talks} together.", labels=("grid", "talks"))
        for grid, talks in zip(GRID, TALKS, strict=True)
    ]
    return Corpus(tuple(rows))


@pytest.fixture(scope="session")
def trained(taxonomy: Taxonomy, corpus: Corpus) -> Trained:
    return train_model(taxonomy, corpus, FakeEncoder())


@pytest.fixture(scope="session")
def distilled(trained: Trained) -> Model:
    """The model with a student, which takes twenty seconds to learn."""
    return distil_model(trained)


@pytest.fixture(scope="session")
def model(trained: Trained) -> Model:
    return trained.model


@pytest.fixture
def encoder() -> Iterator[FakeEncoder]:
    encoder = FakeEncoder()
    yield encoder
    encoder.gate.set()


@pytest.fixture
def write_jsonl(tmp_path: Path):
    def write(*rows: object, name: str = "rows.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write
