import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from training.bootstrap import draw_weights
from training.metrics import average_precision, expected_calibration_error, measure
from training.predictions import Predictions

TOPICS = ("a", "b", "c")


def predictions(probabilities, given, targets, sources=()):
    return Predictions(
        topics=TOPICS[: targets.shape[1]],
        probabilities=probabilities,
        given=given,
        targets=targets,
        thresholds=np.full(targets.shape[1], 0.5),
        sources=sources,
    )


tables = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        arrays(float, (n, 3), elements=st.integers(0, 8).map(lambda i: i / 8)),
        arrays(bool, (n, 3)),
        arrays(bool, (n, 3)),
    )
)


def once(texts):
    return np.ones((1, texts), dtype=np.float32)


@given(tables)
def test_shares_equal_those_of_scikit_learn(table):
    probabilities, given_, targets = table
    metrics = measure(predictions(*table))
    for at, topic in enumerate(metrics.topics.values()):
        column = targets[:, at], given_[:, at]
        assert topic.precision == pytest.approx(precision_score(*column, zero_division=0))
        assert topic.recall == pytest.approx(recall_score(*column, zero_division=0))
        assert topic.f1 == pytest.approx(f1_score(*column, zero_division=0))
        assert topic.support == targets[:, at].sum()
        assert topic.share == given_[:, at].mean()
        sure = probabilities[given_[:, at], at]
        assert topic.mean_probability == (sure.mean() if len(sure) else None)
        if targets[:, at].any():
            expected = average_precision_score(targets[:, at], probabilities[:, at])
            assert topic.average_precision == pytest.approx(expected)
    assert metrics.macro_f1 == pytest.approx(np.mean([t.f1 for t in metrics.topics.values()]))
    micro = f1_score(targets.ravel(), given_.ravel(), zero_division=0)
    assert metrics.micro_f1 == pytest.approx(micro)


@given(tables, st.randoms(use_true_random=False))
def test_a_text_of_weight_two_counts_as_two_texts(table, random):
    probabilities, _, targets = table
    weights = np.array([[random.randint(0, 3) for _ in targets]], dtype=np.float32)
    repeated = np.repeat(np.arange(len(targets)), weights[0].astype(int))
    for score in (average_precision, expected_calibration_error):
        weighted = score(probabilities[:, 0], targets[:, 0], weights)
        plain = score(probabilities[repeated, 0], targets[repeated, 0], once(len(repeated)))
        assert weighted == pytest.approx(plain, abs=1e-6)


def test_calibration_error_is_the_mean_gap_over_bins():
    probabilities = np.array([0.05, 0.05, 0.95, 0.95])
    marks = np.array([False, True, True, True])
    assert expected_calibration_error(probabilities, marks, once(4)) == pytest.approx([0.25])


def test_a_certain_probability_belongs_to_the_last_bin():
    found = expected_calibration_error(np.array([1.0]), np.array([True]), once(1))
    assert found == pytest.approx([0])


def test_no_texts_score_nothing():
    none = np.zeros((0, 3))
    metrics = measure(predictions(none, none.astype(bool), none.astype(bool)))
    assert metrics.macro_f1 == metrics.micro_f1 == 0
    assert [topic.support for topic in metrics.topics.values()] == [0, 0, 0]


def coins(texts, seed=0):
    random = np.random.default_rng(seed)
    targets = random.random((texts, 1)) < 0.5
    given_ = targets ^ (random.random((texts, 1)) < 0.2)
    return predictions(given_ * 0.6 + 0.2, given_, targets)


def test_an_interval_holds_the_score_and_narrows_with_more_texts():
    few, many = measure(coins(50)).topics["a"], measure(coins(5000)).topics["a"]
    for topic in (few, many):
        for name, (low, high) in topic.intervals.items():
            assert low <= getattr(topic, name) + 0.02
            assert high >= getattr(topic, name) - 0.02
    (few_low, few_high), (many_low, many_high) = few.intervals["f1"], many.intervals["f1"]
    assert many_high - many_low < (few_high - few_low) / 5


def test_nineteen_of_twenty_intervals_hold_the_truth():
    truth = measure(coins(50_000, seed=99)).topics["a"].precision
    held = 0
    for seed in range(100):
        low, high = measure(coins(200, seed)).topics["a"].intervals["precision"]
        held += low <= truth <= high
    assert held >= 88


def test_each_source_is_scored_by_itself():
    told = coins(100)
    sources = ("wire",) * 60 + ("blog",) * 40
    metrics = measure(predictions(told.probabilities, told.given, told.targets, sources))
    assert [*metrics.sources] == ["blog", "wire"]
    wire = measure(told.chosen(range(60)))
    assert metrics.sources["wire"] == wire


def test_one_source_tells_nothing_apart():
    told = coins(10)
    metrics = measure(predictions(told.probabilities, told.given, told.targets, ("wire",) * 10))
    assert metrics.sources == {}


def test_a_draw_has_as_many_texts_as_the_sample():
    weights = draw_weights(37)
    assert (weights.sum(axis=1) == 37).all()
    assert (weights[0] == 1).all()
