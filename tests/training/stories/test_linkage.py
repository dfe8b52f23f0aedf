import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.stories.linkage import average_linkage, cut

counts = st.integers(2, 9)


def odds_of(count, seed):
    """Any log-odds of as many articles, symmetric."""
    odds = np.random.default_rng(seed).normal(size=(count, count)).astype(np.float32)
    return odds + odds.T


def members(joins):
    """The articles of each group that is joined: of the one, of the other."""
    count = len(joins.tree) + 1
    groups = [[at] for at in range(count)]
    for left, right in joins.tree[:, :2].astype(int):
        yield groups[left], groups[right]
        groups.append(groups[left] + groups[right])


@given(counts, st.integers(0, 99))
def test_a_join_has_the_sizes_and_the_mean_log_odds_of_its_groups(count, seed):
    odds = odds_of(count, seed)
    joins = average_linkage(odds)
    for at, (one, other) in enumerate(members(joins)):
        assert (joins.one[at], joins.other[at]) == (len(one), len(other))
        assert joins.odds[at] == pytest.approx(odds[np.ix_(one, other)].mean(), abs=1e-4)


@given(counts, st.integers(0, 99))
def test_the_likeliest_are_joined_first(count, seed):
    joins = average_linkage(odds_of(count, seed))
    assert (np.diff(joins.odds) <= 1e-5).all()


@given(counts, st.integers(0, 99), st.data())
def test_a_join_stays_if_it_and_all_before_it_are_likely(count, seed, data):
    joins = average_linkage(odds_of(count, seed))
    likely = data.draw(st.lists(st.booleans(), min_size=count - 1, max_size=count - 1))
    groups = cut(joins, np.where(likely, 1, -1).astype(np.float32))
    stays = [True] * count
    for (one, other), (left, right), own in zip(
        members(joins), joins.tree[:, :2].astype(int), likely, strict=True
    ):
        stays.append(own and stays[left] and stays[right])
        assert (len({*groups[one], *groups[other]}) == 1) == stays[-1]
    assert sorted(set(groups)) == list(range(len(set(groups))))
