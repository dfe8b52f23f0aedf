import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from training.stories.fit_joining import fit_joining
from training.stories.joining import MOST_UNEVEN, Joining
from training.stories.link import Link, Weights, find_link
from training.stories.signals import Signals

numbers = st.floats(-5, 5, width=32)
sizes = st.integers(1, 10_000)
joinings = st.builds(
    Joining, odds=st.floats(0.1, 5), unevenness=st.floats(-2, 2), intercept=st.floats(-2, 2)
)


def log_odds(joining, odds, one, other):
    return float(
        joining.log_odds(*(np.array([each], dtype=np.float32) for each in (odds, one, other)))[0]
    )


@given(numbers, sizes, sizes)
def test_by_default_the_mean_alone_decides(odds, one, other):
    assert log_odds(Joining(), odds, one, other) == odds
    assert Joining().least == 0


@given(joinings, numbers, sizes, sizes)
def test_it_is_the_same_either_way_round(joining, odds, one, other):
    there, back = log_odds(joining, odds, one, other), log_odds(joining, odds, other, one)
    assert there == pytest.approx(back, abs=1e-5)


@given(joinings, st.floats(0.001, 5), sizes, sizes)
def test_nothing_is_likely_below_the_least(joining, below, one, other):
    assert log_odds(joining, joining.least - below, one, other) <= 1e-4


def test_what_is_many_times_as_large_draws_no_more_than_so_many_times():
    joining = Joining(unevenness=1)
    at_most = log_odds(joining, 0, 1, MOST_UNEVEN)
    assert log_odds(joining, 0, 1, MOST_UNEVEN / 2) < at_most
    assert log_odds(joining, 0, 1, MOST_UNEVEN * 100) == at_most


def test_less_must_not_be_more_likely():
    with pytest.raises(ValidationError):
        Joining(odds=-1)


def link_of(similarity, intercept):
    weights = Weights(similarity=similarity, overlap=0, intercept=intercept)
    return Link(
        dated=weights, undated=weights, encoder="any", articles=0, stories=0, frequencies={}
    )


def on_a_circle(*degrees):
    """Signals of articles that are alike as their directions are, without words or times."""
    angles = np.radians(degrees)
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    return Signals([{} for _ in degrees], np.full(len(degrees), np.nan), embeddings)


def test_told_stories_teach_where_between_right_and_wrong_joins_the_line_is():
    signals = on_a_circle(0, 5, 10, 60, 65, 70, 120, 125, 130, 180, 185, 190)
    story = np.repeat(np.arange(4), 3)
    cautious = link_of(10, -9.9)  # holds but the closest for alike
    joining = fit_joining(signals, story, cautious)
    near = log_odds(joining, 10 * np.cos(np.radians(7)) - 9.9, 1, 2)
    far = log_odds(joining, 10 * np.cos(np.radians(60)) - 9.9, 3, 3)
    assert near > 0 > far


def test_where_a_few_are_of_a_large_story_and_as_many_are_not_size_tells():
    # The same 40 degrees lie between a story and its straggler and between two stories.
    degrees = [start + at for start in range(0, 360, 120) for at in (0, 1, 2, 3, 41)]
    story = [start for start in range(3) for _ in range(5)]
    degrees += [start + at for start in range(60, 360, 120) for at in (20, 21, 22, 23)]
    story += [3 + start for start in range(3) for _ in range(4)]
    joining = fit_joining(on_a_circle(*degrees), np.array(story), link_of(4, -3))
    assert joining.unevenness > 0


def test_joins_of_one_kind_teach_nothing():
    joining = fit_joining(on_a_circle(0, 90), np.array([0, 1]), link_of(1, 0))
    assert joining == Joining()


def test_the_built_in_link_lets_large_stories_draw():
    joining = find_link(None).joining
    assert joining.unevenness > 0 > joining.intercept
