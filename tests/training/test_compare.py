from dataclasses import replace

import numpy as np
import pytest

from training.compare import compare
from training.errors import InvalidCorpus
from training.predictions import Predictions


@pytest.fixture
def right():
    targets = np.random.default_rng(0).random((400, 2)) < 0.3
    return Predictions(
        topics=("a", "b"),
        probabilities=np.where(targets, 0.9, 0.1),
        given=targets,
        targets=targets,
        thresholds=np.full(2, 0.5),
    )


def wrong_in(predictions, share, seed=1):
    flips = np.random.default_rng(seed).random(predictions.targets.shape) < share
    return replace(predictions, given=predictions.given ^ flips)


def test_a_model_that_errs_more_is_worse_beyond_noise(right):
    found = compare(wrong_in(right, 0.2), wrong_in(right, 0.05, seed=2))
    assert found.macro_f1.difference < 0
    assert found.macro_f1.is_worse
    assert found.macro_f1.share_better < 0.01
    assert {*found.topics} == {"a", "b"}


def test_models_that_err_alike_are_not_told_apart(right):
    found = compare(wrong_in(right, 0.1, seed=3), wrong_in(right, 0.1, seed=4))
    assert not found.macro_f1.is_worse
    assert found.macro_f1.interval.low < 0 < found.macro_f1.interval.high


def test_a_model_is_no_better_than_itself(right):
    found = compare(right, right)
    assert (found.macro_f1.difference, found.macro_f1.share_better) == (0, 0)


def test_other_texts_are_no_comparison(right):
    with pytest.raises(InvalidCorpus, match="same texts"):
        compare(right, right.chosen(range(10)))
