import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.folds import FOLDS, deal_folds, train_and_test

targets = st.integers(0, 60).flatmap(lambda n: arrays(bool, (n, 3)))


@given(targets, st.integers(0, 5))
def test_every_combination_of_labels_is_spread_evenly(targets, seed):
    fold = deal_folds(targets, seed)
    for combination in np.unique(targets, axis=0):
        counts = np.bincount(fold[(targets == combination).all(axis=1)], minlength=FOLDS)
        assert counts.max() - counts.min() <= 1


@given(targets)
def test_every_text_is_held_out_exactly_once(targets):
    held_out = [test for _, test in train_and_test(deal_folds(targets, 0))]
    assert sum(held_out, np.zeros(len(targets), dtype=int)).tolist() == [1] * len(targets)


def test_the_seed_decides_the_deal():
    targets = np.zeros((50, 2), dtype=bool)
    assert (deal_folds(targets, 1) == deal_folds(targets, 1)).all()
    assert (deal_folds(targets, 1) != deal_folds(targets, 2)).any()
