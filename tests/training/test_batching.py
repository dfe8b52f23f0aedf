from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from training.batching import plan_batches

lengths = st.lists(st.integers(1, 300), max_size=200)
budgets = st.integers(1, 2000)
windows = st.integers(1, 64)


@given(lengths, budgets, windows)
def test_every_text_is_in_exactly_one_batch(lengths, budget, window):
    planned = [at for batch in plan_batches(lengths, budget, window) for at in batch]
    assert sorted(planned) == list(range(len(lengths)))


@given(lengths, budgets, windows)
def test_a_batch_fits_the_budget_unless_it_is_one_text(lengths, budget, window):
    for batch in plan_batches(lengths, budget, window):
        padded = len(batch) * max(lengths[at] for at in batch)
        assert padded <= budget or len(batch) == 1


@given(lengths, budgets, windows)
def test_texts_of_one_batch_come_from_one_window(lengths, budget, window):
    for batch in plan_batches(lengths, budget, window):
        assert len({at // window for at in batch}) == 1


@given(lengths, budgets)
def test_no_two_neighbouring_batches_of_a_window_would_fit_in_one(lengths, budget):
    batches = plan_batches(lengths, budget, window=1000)
    for first, second in pairwise(batches):
        longest = lengths[second[0]]
        assert (len(first) + 1) * longest > budget


def test_sorting_a_window_by_length_saves_nearly_all_padding():
    lengths = [20 + (at * 7919) % 200 for at in range(1024)]
    padded = sum(len(b) * max(lengths[at] for at in b) for b in plan_batches(lengths, 4096))
    assert padded < 1.06 * sum(lengths)
