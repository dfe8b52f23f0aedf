from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeEncoder
from training.taxonomy import Taxonomy
from training.thresholds import Aim, pick_threshold
from training.train import train_model

probabilities = st.lists(st.floats(0.001, 1), min_size=1, max_size=60).map(np.array)
targets = st.floats(0.01, 0.99)


def expected_precision(found, threshold):
    chosen = found[found >= threshold]
    return chosen.mean() if len(chosen) else 1.0


def expected_recall(found, threshold):
    return found[found >= threshold].sum() / found.sum()


@given(probabilities)
def test_no_other_threshold_is_expected_to_reach_a_higher_f1(found):
    def expected_f1(threshold):
        given_ = found >= threshold
        return 2 * found[given_].sum() / (found.sum() + given_.sum())

    best = pick_threshold(found, Aim())
    assert 0 <= best <= 1
    assert all(expected_f1(best) >= expected_f1(other) - 1e-9 for other in found)


@given(probabilities, targets)
def test_a_precision_is_expected_to_be_reached_and_no_lower_threshold_reaches_it(found, target):
    threshold = pick_threshold(found, Aim(precision=target))
    assert expected_precision(found, threshold) >= target - 1e-9
    for lower in found[found < threshold]:
        assert expected_precision(found, lower) < target + 1e-9


@given(probabilities, targets)
def test_a_recall_is_expected_to_be_reached_and_no_higher_threshold_reaches_it(found, target):
    threshold = pick_threshold(found, Aim(recall=target))
    assert expected_recall(found, threshold) >= target - 1e-9
    for higher in found[found > threshold]:
        if (found >= higher).sum() < (found >= threshold).sum():
            assert expected_recall(found, higher) < target + 1e-9


def test_a_precision_out_of_reach_is_its_own_threshold():
    assert pick_threshold(np.array([0.2, 0.1]), Aim(precision=0.9)) == 0.9


@pytest.mark.parametrize(("target", "moves"), [("precision", 1), ("recall", -1)])
def test_a_target_in_the_taxonomy_moves_the_topics_threshold(taxonomy, corpus, target, moves):
    plain = train_model(taxonomy, corpus, FakeEncoder()).model.heads.thresholds
    aimed = replace(
        taxonomy,
        topics=tuple(t.model_copy(update={f"target_{target}": 0.999}) for t in taxonomy.topics),
    )
    strict = train_model(Taxonomy(aimed.topics), corpus, FakeEncoder()).model.heads.thresholds
    assert (np.sign(strict - plain) == moves).all()
