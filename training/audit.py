"""Finds texts of a corpus whose labels look wrong.

Confident learning (Northcutt et al., 2021), as cleanlab does it: a text is suspect for a topic
if what was said of it while it was held out contradicts its label more than the topic's usual
noise explains.
"""

from collections.abc import Sequence

import numpy as np
from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class
from cleanlab.multilabel_classification.rank import get_label_quality_scores
from pydantic import BaseModel, ConfigDict

from training.arrays import Flags, Scores
from training.train import Trained


class Suspect(BaseModel):
    """A text whose labels look wrong, and what they might have to be."""

    model_config = ConfigDict(frozen=True)

    row: int
    """Its position in the corpus, from 1."""
    id: str
    source: str
    text: str
    labels: tuple[str, ...]
    suggested: tuple[str, ...]
    quality: float
    """How well its labels and the held-out probabilities agree, 0 to 1."""


def find_suspects(trained: Trained) -> list[Suspect]:
    """The suspect texts, the worst first."""
    held_out = trained.held_out
    issues = find_issues(held_out.targets, held_out.probabilities)
    suggested = held_out.targets ^ issues
    rows = np.flatnonzero(issues.any(axis=1))
    if not len(rows):
        return []
    labels = [np.flatnonzero(row).tolist() for row in held_out.targets]
    quality = get_label_quality_scores(labels, held_out.probabilities)
    return [
        _suspect(trained, at, suggested[at], float(quality[at]))
        for at in rows[np.argsort(quality[rows], kind="stable")].tolist()
    ]


def find_issues(targets: Flags, probabilities: Scores) -> Flags:
    """Which label of which text is suspect, whether there or missing: bool [texts, topics]."""
    issues = np.zeros_like(targets)
    known = np.flatnonzero(targets.any(axis=0) & ~targets.all(axis=0))
    if not len(known):
        return issues
    labels = [np.flatnonzero(row).tolist() for row in targets[:, known]]
    issues[:, known] = find_multilabel_issues_per_class(
        labels, probabilities[:, known], filter_by="both", n_jobs=1
    )
    return issues


def _suspect(trained: Trained, at: int, suggested: Sequence[bool], quality: float) -> Suspect:
    row = trained.corpus.rows[at]
    topics = trained.held_out.topics
    return Suspect(
        row=at + 1,
        id=row.id,
        source=row.source,
        text=row.text,
        labels=row.labels,
        suggested=tuple(t for t, there in zip(topics, suggested, strict=True) if there),
        quality=quality,
    )
