"""One linear classifier for each topic, its calibration folded in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from training.arrays import Embeddings, Scores


@dataclass(frozen=True)
class Heads:
    """Calibrated logistic regressions on embeddings, and the threshold of each."""

    coefficients: NDArray[np.float32]
    """float32 [topics, dimension]."""
    intercepts: NDArray[np.float32]
    """float32 [topics]."""
    thresholds: NDArray[np.float64]
    """The probability from which a topic is given: float64 [topics], between 0 and 1."""

    def probabilities(self, embeddings: Embeddings) -> Scores:
        """The calibrated probability of each topic: float64 [texts, topics]."""
        scores: Scores = expit(
            embeddings.astype(np.float64) @ self.coefficients.T.astype(np.float64)
            + self.intercepts.astype(np.float64)
        )
        return scores
