"""Groups embeddings without being told how many groups there are."""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from training.arrays import Embeddings

MAX_DISTANCE = 0.35
"""The mean cosine distance up to which two groups are one."""


def group_embeddings(
    embeddings: Embeddings, max_distance: float = MAX_DISTANCE
) -> NDArray[np.intp]:
    """The group of each embedding: int [articles], numbered from 0.

    Average linkage (Sokal and Michener, 1958) on cosine distance: the two nearest groups are
    joined until the nearest two are farther than `max_distance`. Takes 8 n² bytes.

    Args:
        embeddings: float32 [articles, dimension], unit length.
        max_distance: 0 keeps all apart but equals, 2 joins all.
    """
    if len(embeddings) < 2:  # noqa: PLR2004 - a lone embedding has no distance to another
        return np.zeros(len(embeddings), dtype=np.intp)
    distances = np.clip(1 - embeddings @ embeddings.T, 0, 2)
    linkage = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=max_distance
    )
    groups: NDArray[np.intp] = linkage.fit_predict(distances)
    return groups
