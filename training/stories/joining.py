"""How likely two groups of articles are of one story."""

from math import log

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Numbers = NDArray[np.float32]
"""One number for each pair; any shape."""

MOST_UNEVEN = 16.0
"""A group that is more times as large as the other draws it no more: told ones hardly are."""


class Joining(BaseModel):
    """Tells it from the mean log-odds of their articles, and from their sizes.

    A few articles are likelier of a large story than of a small one, as a guest is likelier to sit
    at a full table (the Chinese restaurant; Aldous, 1985); two large groups that read alike are
    likelier two stories. By default the mean alone decides.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    odds: float = Field(default=1.0, gt=0)
    """Of the mean log-odds of the pairs between them."""
    unevenness: float = 0.0
    """Of log(larger / smaller)."""
    intercept: float = 0.0

    def log_odds(self, odds: Numbers, one: Numbers, other: Numbers) -> Numbers:
        """The log-odds that two groups are of one story.

        Args:
            odds: the mean log-odds of the pairs between them.
            one: how many articles the one has.
            other: how many the other.
        """
        uneven = self.unevenness * unevenness(one, other)
        joined: Numbers = (self.odds * odds + uneven + self.intercept).astype(np.float32)
        return joined

    @property
    def least(self) -> float:
        """No two groups whose mean log-odds are lower are ever likely of one story."""
        return -(max(self.unevenness, 0.0) * log(MOST_UNEVEN) + self.intercept) / self.odds


def unevenness(one: Numbers, other: Numbers) -> Numbers:
    """log(larger / smaller), up to `MOST_UNEVEN` times."""
    uneven: Numbers = np.minimum(np.abs(np.log(one / other)), np.float32(log(MOST_UNEVEN)))
    return uneven
