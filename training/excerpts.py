"""Makes further passages of those there are, for a model to label and its student to learn from."""

from collections.abc import Sequence

import numpy as np

from training.passages import sentence_spans

EXCERPTS = 2
"""How many are made of each passage of several sentences."""


LANGUAGE = "en"
"""Whose marks end a sentence; they are those of most."""


def make_excerpts(texts: Sequence[str], seed: int) -> list[str]:
    """Runs of neighbouring sentences of a text, and pairs of sentences of two; none of the texts.

    Args:
        texts: of one sentence or more each.
        seed: of what is drawn; the same gives the same.
    """
    random = np.random.default_rng(seed)
    split = [[text[start:end] for start, end in sentence_spans(text, LANGUAGE)] for text in texts]
    made = [
        " ".join(_draw_run(sentences, random))
        for sentences in split
        if len(sentences) > 1
        for _ in range(EXCERPTS)
    ]
    for one, other in random.integers(0, len(split), (len(split), 2)):
        pair = (split[at][random.integers(len(split[at]))] for at in (one, other) if split[at])
        made.append(" ".join(pair))
    known = {"", *texts}
    return [text for text in dict.fromkeys(made) if text not in known]


def _draw_run(sentences: Sequence[str], random: np.random.Generator) -> Sequence[str]:
    """Not all of them."""
    count = int(random.integers(1, len(sentences)))
    start = int(random.integers(0, len(sentences) - count + 1))
    return sentences[start : start + count]
