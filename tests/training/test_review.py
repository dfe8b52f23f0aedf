import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.review import pick_for_review, uncertainty

THRESHOLDS = np.array([0.5, 0.2])
tables = st.integers(0, 30).flatmap(
    lambda n: st.tuples(
        arrays(float, (n, 2), elements=st.floats(0, 1)),
        arrays(np.float32, (n, 3), elements=st.floats(-1, 1, width=32)),
    )
)


def test_a_text_at_a_threshold_is_the_least_sure():
    unsure = uncertainty(np.array([[0.5, 0.0], [0.9, 0.0], [0.0, 0.2], [0.99, 0.99]]), THRESHOLDS)
    assert unsure[0] == unsure[2] == 1
    assert 1 > unsure[1] > unsure[3] > 0


@given(tables, st.integers(1, 12))
def test_distinct_texts_are_picked_and_never_more_than_asked_for(table, count):
    probabilities, embeddings = table
    picked = pick_for_review(probabilities, THRESHOLDS, embeddings, count)
    assert len(picked) == len(set(picked.tolist())) <= min(count, len(probabilities))
    assert all(0 <= at < len(probabilities) for at in picked)


def test_of_many_alike_only_some_are_picked():
    random = np.random.default_rng(0)
    alike = np.tile([1.0, 0.0, 0.0], (40, 1)) + random.normal(0, 0.01, (40, 3))
    others = np.eye(3)[[1, 2]]
    embeddings = np.concatenate([alike, others]).astype(np.float32)
    probabilities = np.concatenate([np.full((40, 2), 0.2), np.full((2, 2), 0.3)])
    picked = pick_for_review(probabilities, THRESHOLDS, embeddings, 5)
    assert {40, 41} <= set(picked.tolist())


def test_the_sure_are_picked_last_of_all():
    probabilities = np.concatenate([np.full((50, 2), 0.3), np.full((50, 2), 0.999)])
    embeddings = np.random.default_rng(0).normal(size=(100, 3)).astype(np.float32)
    assert max(pick_for_review(probabilities, THRESHOLDS, embeddings, 5)) < 50
