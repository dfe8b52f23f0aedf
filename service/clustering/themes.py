"""What groups have in common: the coarser level."""

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import kneighbors_graph
from sknetwork.clustering import Leiden

from training.arrays import Embeddings
from training.stories.linkage import Groups

NEIGHBOURS = 30
"""Each group is tied to those most like it."""

FEWEST_GROUPS = 2 * NEIGHBOURS
"""Among fewer groups there is nothing to sum up."""


def find_themes(embeddings: Embeddings, groups: Groups) -> Groups | None:
    """The theme of each group: int [groups]; None if there are too few groups.

    Leiden communities (Traag et al., 2019) of highest modularity in the graph of neighbouring
    centres. The same input gives the same themes.

    Args:
        embeddings: of the articles, float32 [articles, dimension].
        groups: of each article.
    """
    count = int(groups.max()) + 1
    if count < FEWEST_GROUPS:
        return None
    centres = np.zeros((count, embeddings.shape[1]), dtype=np.float32)
    np.add.at(centres, groups, embeddings)
    distances = kneighbors_graph(centres, NEIGHBOURS, mode="distance", metric="cosine")
    distances.data = np.clip(1 - distances.data, 1e-6, None)
    themes: NDArray[np.intp] = Leiden(random_state=0).fit_predict(distances.maximum(distances.T))
    return themes
