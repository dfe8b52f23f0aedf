"""Splits a corpus so that every fold has its share of each combination of labels."""

from collections.abc import Hashable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from training.arrays import Flags

FOLDS = 5


def deal_folds(
    targets: Flags, seed: int, folds: int = FOLDS, same: NDArray[np.intp] | None = None
) -> NDArray[np.intp]:
    """The fold of each text: int [texts], 0 to `folds` - 1.

    Texts are shuffled, sorted by their combination of labels, and dealt out like cards, so
    that even a combination rarer than the folds is spread over them. Texts that are the `same`
    by number, int [texts], come into one fold: none is held out while its copy is fitted on.
    """
    shuffled = np.random.default_rng(seed).permutation(len(targets))
    by_combination = shuffled[np.lexsort(targets[shuffled].T)] if targets.size else shuffled
    fold = np.empty(len(targets), dtype=np.intp)
    fold[by_combination] = np.arange(len(targets)) % folds
    if same is None or not len(same):
        return fold
    _, first, group = np.unique(same, return_index=True, return_inverse=True)
    together: NDArray[np.intp] = fold[first][group]
    return together


def number_equal(items: Iterable[Hashable]) -> NDArray[np.intp]:
    """A number for each item, the same for equal ones: int [items]."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(item, len(numbers)) for item in items], dtype=np.intp)


def train_and_test(fold: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Masks of the texts to fit on and of those held out, for each fold that has texts."""
    for number in np.unique(fold):
        yield fold != number, fold == number
