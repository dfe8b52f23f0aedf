"""Names for the neighbourhoods of the map."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from training.arrays import Embeddings
from training.terms import Terms

ARTICLES_OF_A_GROUP = 40
MOST_GROUPS = 14
TERMS = 3


def name_groups(
    embeddings: Embeddings, titles: Sequence[str]
) -> Iterator[tuple[NDArray[np.intp], str]]:
    """The positions of each group's articles, and the terms that set its titles apart."""
    count = min(MOST_GROUPS, max(2, len(titles) // ARTICLES_OF_A_GROUP))
    found = KMeans(count, n_init=2, random_state=0).fit_predict(embeddings)
    for number, terms in enumerate(Terms(titles).distinctive(found, TERMS)):
        yield np.flatnonzero(found == number), ", ".join(terms)
