import numpy as np
import pytest

from training.predictions import Predictions
from training.report.confusions import confusions


def table(targets, given):
    return Predictions(
        topics=("a", "b"),
        probabilities=np.array(given, dtype=float),
        given=np.array(given, dtype=bool),
        targets=np.array(targets, dtype=bool),
        thresholds=np.array([0.5, 0.5]),
    )


def test_a_topic_given_in_place_of_another_stands_beside_the_diagonal():
    shares = confusions(table([[1, 0], [1, 0], [0, 1], [0, 0]], [[0, 1], [1, 0], [0, 1], [0, 0]]))
    assert shares == pytest.approx(np.array([[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]]))


def test_what_a_text_rightly_carries_besides_is_no_confusion():
    shares = confusions(table([[1, 1]], [[1, 1]]))
    assert shares[:2, :2] == pytest.approx(np.eye(2))


def test_no_texts_confuse_nothing():
    assert (confusions(table(np.zeros((0, 2)), np.zeros((0, 2)))) == 0).all()
