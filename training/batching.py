"""Groups texts of like length into encoder calls of bounded size."""

from bisect import bisect
from collections.abc import Iterator, Sequence

WINDOW = 1024
"""How many waiting texts are sorted together. Larger windows pad less and hold more in memory."""

TOKEN_BUDGET = 1024
"""Most padded tokens in one encoder call. Larger calls gain nothing on a CPU."""

PADDING = 64
"""Most tokens of padding in one call: about what one more call costs on a CPU."""

STEP = 8
"""Encoders pad texts to multiples of it: a call of a shape that OpenVINO has not lately seen takes
seven milliseconds more, as long as a hundred tokens."""

SIZES = tuple(2**by for by in range(10))
"""How many texts there are in a call, for the same reason."""


def pad_length(tokens: int) -> int:
    """How many tokens a text has with its padding."""
    return -(-tokens // STEP) * STEP


def plan_calls(
    lengths: Sequence[int],
    token_budget: int = TOKEN_BUDGET,
    window: int = WINDOW,
    padding: int = PADDING,
) -> list[list[int]]:
    """As `plan_batches`, but the calls have few shapes: batches are cut to some of `SIZES`."""
    padded = [pad_length(length) for length in lengths]
    return [
        call
        for batch in plan_batches(padded, token_budget, window, padding)
        for call in _cut(batch)
    ]


def _cut(batch: list[int]) -> Iterator[list[int]]:
    while batch:
        size = SIZES[bisect(SIZES, len(batch)) - 1]
        yield batch[:size]
        batch = batch[size:]


def plan_batches(
    lengths: Sequence[int],
    token_budget: int = TOKEN_BUDGET,
    window: int = WINDOW,
    padding: int = PADDING,
) -> list[list[int]]:
    """The positions of the texts of each encoder call, every text in exactly one.

    Windows of texts in order of arrival are sorted by length and cut so that a call's texts,
    padded to its longest, have at most `token_budget` tokens, and at most `padding` of them are
    not the texts' own. A longer text is called alone.

    Args:
        lengths: tokens of each text, 1 or more.
        token_budget: most padded tokens in one call.
        window: how many texts are sorted together.
        padding: most tokens of padding in one call.
    """
    batches: list[list[int]] = []
    for first in range(0, len(lengths), window):
        positions = range(first, min(first + window, len(lengths)))
        batch: list[int] = []
        own = 0
        for position in sorted(positions, key=lambda at: lengths[at]):
            padded = (len(batch) + 1) * lengths[position]
            if batch and (padded > token_budget or padded - own - lengths[position] > padding):
                batches.append(batch)
                batch, own = [], 0
            batch.append(position)
            own += lengths[position]
        batches.append(batch)
    return batches
