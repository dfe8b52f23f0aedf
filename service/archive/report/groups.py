"""Names for the neighbourhoods of the map."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from training.arrays import Embeddings

ARTICLES_OF_A_GROUP = 40
MOST_GROUPS = 14
TERMS = 3
WORDS = r"(?u)\b[^\W\d]{3,}\b"


def name_groups(
    embeddings: Embeddings, titles: Sequence[str]
) -> Iterator[tuple[NDArray[np.intp], str]]:
    """The positions of each group's articles, and the words that set its titles apart.

    The words are those of the highest tf-idf where each group is one document (Grootendorst,
    2022).
    """
    count = min(MOST_GROUPS, max(2, len(titles) // ARTICLES_OF_A_GROUP))
    found = KMeans(count, n_init=2, random_state=0).fit_predict(embeddings)
    groups = [np.flatnonzero(found == number) for number in range(count)]
    documents = [
        " ".join(title for title, own in zip(titles, found, strict=True) if own == number)
        for number in range(count)
    ]
    counter = CountVectorizer(stop_words="english", analyzer="word", token_pattern=WORDS)
    try:
        words = counter.fit_transform(documents)
    except ValueError:  # titles without any words
        return
    weights = TfidfTransformer(sublinear_tf=True).fit_transform(words).toarray()
    terms = counter.get_feature_names_out()
    for members, row in zip(groups, weights, strict=True):
        best = [terms[at] for at in np.argsort(-row, kind="stable")[:TERMS] if row[at]]
        yield members, ", ".join(best)
