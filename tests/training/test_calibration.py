import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from training.calibration import fit_sigmoid, sigmoid
from training.metrics import expected_calibration_error

scores_and_marks = st.lists(
    st.tuples(st.floats(-20, 20), st.booleans()), min_size=1, max_size=80
).map(lambda rows: (np.array([s for s, _ in rows]), np.array([m for _, m in rows])))


def test_overconfident_scores_come_back_honest():
    random = np.random.default_rng(0)
    true = random.normal(-1, 1.5, 4000)
    marks = random.random(4000) < expit(true)
    slope, offset = fit_sigmoid(3 * true + 2, marks)
    once = np.ones((1, 4000), dtype=np.float32)
    calibrated = sigmoid(3 * true + 2, slope, offset)
    assert expected_calibration_error(expit(3 * true + 2), marks, once) > 0.1
    assert expected_calibration_error(calibrated, marks, once) < 0.02


@given(scores_and_marks)
def test_a_higher_score_is_never_less_probable(rows):
    scores, marks = rows
    slope, offset = fit_sigmoid(scores, marks)
    ranked = sigmoid(np.sort(scores), slope, offset)
    assert slope > 0
    assert (np.diff(ranked) >= 0).all()


def test_a_handful_of_separable_examples_does_not_make_it_certain():
    scores, marks = np.array([-1.0, -0.5, 0.5, 1.0]), np.array([False, False, True, True])
    assert 0.5 < sigmoid(scores, *fit_sigmoid(scores, marks)).max() < 0.95


def test_scores_of_one_kind_alone_are_left_as_they_are():
    assert fit_sigmoid(np.array([1.0, 2.0]), np.array([True, True])) == (1.0, 0.0)
