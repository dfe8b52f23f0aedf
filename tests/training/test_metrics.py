import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score, precision_score, recall_score

from training.metrics import expected_calibration_error, measure

TOPICS = ("a", "b", "c")
tables = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        arrays(float, (n, 3), elements=st.floats(0, 1)), arrays(bool, (n, 3)), arrays(bool, (n, 3))
    )
)


@given(tables)
def test_shares_equal_those_of_scikit_learn(table):
    probabilities, given_, targets = table
    metrics = measure(TOPICS, probabilities, given_, targets, np.full(3, 0.5))
    for at, topic in enumerate(metrics.topics.values()):
        column = targets[:, at], given_[:, at]
        assert topic.precision == pytest.approx(precision_score(*column, zero_division=0))
        assert topic.recall == pytest.approx(recall_score(*column, zero_division=0))
        assert topic.f1 == pytest.approx(f1_score(*column, zero_division=0))
        assert topic.support == targets[:, at].sum()
    assert metrics.macro_f1 == pytest.approx(np.mean([t.f1 for t in metrics.topics.values()]))
    micro = f1_score(targets.ravel(), given_.ravel(), zero_division=0)
    assert metrics.micro_f1 == pytest.approx(micro)


def test_calibration_error_is_the_mean_gap_over_bins():
    probabilities = np.array([0.05, 0.05, 0.95, 0.95])
    marks = np.array([False, True, True, True])
    assert expected_calibration_error(probabilities, marks) == pytest.approx(0.25)


def test_a_certain_probability_belongs_to_the_last_bin():
    assert expected_calibration_error(np.array([1.0]), np.array([True])) == 0


def test_no_texts_score_nothing():
    none = np.zeros((0, 3))
    metrics = measure(TOPICS, none, none.astype(bool), none.astype(bool), np.full(3, 0.5))
    assert metrics.macro_f1 == metrics.micro_f1 == 0
    assert [topic.support for topic in metrics.topics.values()] == [0, 0, 0]
