"""The array types that modules hand to each other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Embeddings = NDArray[np.float32]
"""One vector of unit length a row: float32 [texts, dimension]."""

Scores = NDArray[np.float64]
"""A number for each text and topic, such as a probability: float64 [texts, topics]."""

Flags = NDArray[np.bool_]
"""Yes or no for each text and topic: bool [texts, topics]."""

Tokens = Sequence[int]
"""One text as the encoder's token ids, special tokens included."""
