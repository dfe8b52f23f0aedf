"""How likely two articles are of one story."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from training.errors import LinkRefused, explain_row
from training.stories.joining import Joining, Numbers
from training.stories.words import Frequencies

BUILTIN = "link.json"
"""Fitted on the stories written for Topicwire; in `training/data`."""


class Weights(BaseModel):
    """Of a logistic regression."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    similarity: float
    """Of the cosine of the embeddings."""
    overlap: float
    """Of the cosine of the words, the rare ones weighing more."""
    log_days: float = 0.0
    """Of log(1 + days between them)."""
    intercept: float


class Link(BaseModel):
    """Tells from a few signals whether two articles are of one story; fitted, then left alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dated: Weights
    """Where both articles have a time."""
    undated: Weights
    """Where one or both have none."""
    joining: Joining = Joining()
    """What they tell of groups of articles."""
    encoder: str
    """The name of the encoder whose embeddings it was fitted on."""
    articles: int
    """How many articles it was fitted on, and their words counted."""
    stories: int
    """How many stories these were of."""
    frequencies: dict[str, int]
    """In how many articles each word occurs, rare words left out."""

    def log_odds(self, similarity: Numbers, overlap: Numbers, log_days: Numbers) -> Numbers:
        """The log-odds that two articles are of one story; linear, so that means are pairs' means.

        Args:
            similarity: the cosine of their embeddings.
            overlap: the cosine of their words.
            log_days: log(1 + days between them); NaN where that is not known.
        """
        known = ~np.isnan(log_days)
        by_text = [
            weights.similarity * similarity + weights.overlap * overlap + weights.intercept
            for weights in (self.dated, self.undated)
        ]
        late = self.dated.log_days * np.where(known, log_days, 0)
        odds: Numbers = np.where(known, by_text[0] + late, by_text[1]).astype(np.float32)
        return odds

    def count_words(self) -> Frequencies:
        """What is known of words before the first article."""
        return Frequencies(self.articles, self.frequencies)


def day_of(time: datetime | None) -> float:
    """Days since 1970; NaN without a time."""
    return time.timestamp() / 86_400 if time else np.nan


def log_days(one: NDArray[np.float64], other: NDArray[np.float64]) -> Numbers:
    """log(1 + days between), for `Link.log_odds`; NaN where either is."""
    between: Numbers = np.log1p(np.abs(one - other)).astype(np.float32)
    return between


def find_link(path: Path | None) -> Link:
    """The link of a file, or the built-in one; raises LinkRefused if the file does not hold one."""
    if path is None:
        return _builtin()
    try:
        return Link.model_validate_json(path.read_bytes())
    except OSError as error:
        raise LinkRefused(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        raise LinkRefused(f"{path}: {explain_row(error)[0]}") from None


@cache
def _builtin() -> Link:
    return Link.model_validate_json((files("training") / "data" / BUILTIN).read_bytes())


def times_of(times: Sequence[datetime | None]) -> NDArray[np.float64]:
    """Days since 1970, NaN where there is no time: float64 [articles]."""
    return np.array([day_of(time) for time in times], dtype=np.float64)
