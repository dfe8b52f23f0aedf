"""Groups texts of like length into encoder calls of bounded size."""

from collections.abc import Sequence

WINDOW = 1024
"""How many waiting texts are sorted together. Larger windows pad less and hold more in memory."""

TOKEN_BUDGET = 2048
"""Most padded tokens in one encoder call. Larger calls pad more and gain nothing on a CPU."""


def plan_batches(
    lengths: Sequence[int], token_budget: int = TOKEN_BUDGET, window: int = WINDOW
) -> list[list[int]]:
    """The positions of the texts of each encoder call, every text in exactly one.

    Windows of texts in order of arrival are sorted by length and cut so that a call's texts,
    padded to its longest, have at most `token_budget` tokens. A longer text is called alone.

    Args:
        lengths: tokens of each text, 1 or more.
        token_budget: most padded tokens in one call.
        window: how many texts are sorted together.
    """
    batches: list[list[int]] = []
    for first in range(0, len(lengths), window):
        positions = range(first, min(first + window, len(lengths)))
        batch: list[int] = []
        for position in sorted(positions, key=lambda at: lengths[at]):
            if batch and (len(batch) + 1) * lengths[position] > token_budget:
                batches.append(batch)
                batch = []
            batch.append(position)
        batches.append(batch)
    return batches
