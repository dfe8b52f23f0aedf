"""The texts that stand for the topics before any example is seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.arrays import Embeddings, Flags
from training.encoder import Encoder, encode_texts
from training.taxonomy import Taxonomy


@dataclass(frozen=True)
class Seeds:
    """Names, descriptions and seed phrases as examples of their own topics."""

    embeddings: Embeddings
    targets: Flags

    def for_topic(self, topic: int) -> tuple[Embeddings, NDArray[np.bool_]]:
        """The examples, and which of them stand for the topic."""
        return self.embeddings, self.targets[:, topic]


def seed_texts(taxonomy: Taxonomy) -> tuple[list[str], Flags]:
    """The texts that stand for the topics, and which topic each stands for."""
    texts = [text for topic in taxonomy.topics for text in topic.prior_texts]
    owners = [at for at, topic in enumerate(taxonomy.topics) for _ in topic.prior_texts]
    return texts, np.array(owners)[:, None] == np.arange(len(taxonomy.topics))


def encode_seeds(taxonomy: Taxonomy, encoder: Encoder) -> Seeds:
    """The seeds of every topic of the taxonomy."""
    texts, targets = seed_texts(taxonomy)
    return Seeds(encode_texts(encoder, texts), targets)
