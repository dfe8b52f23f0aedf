from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from training.batching import SIZES, pad_length, plan_batches, plan_calls

lengths = st.lists(st.integers(1, 300), max_size=200)
budgets = st.integers(1, 2000)
windows = st.integers(1, 64)
paddings = st.integers(0, 500)


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


@given(lengths, budgets, paddings)
def test_a_batch_has_no_more_padding_than_it_may(lengths, budget, padding):
    for batch in plan_batches(lengths, budget, padding=padding):
        own = [lengths[at] for at in batch]
        assert len(own) * max(own) - sum(own) <= padding


@given(lengths, budgets, paddings)
def test_a_batch_takes_as_many_as_it_may(lengths, budget, padding):
    for first, second in pairwise(plan_batches(lengths, budget, padding=padding)):
        own = [lengths[at] for at in (*first, second[0])]
        padded = len(own) * own[-1]
        assert padded > budget or padded - sum(own) > padding


def test_sorting_a_window_by_length_saves_nearly_all_padding():
    lengths = [20 + (at * 7919) % 200 for at in range(1024)]
    padded = sum(len(b) * max(lengths[at] for at in b) for b in plan_batches(lengths, 4096))
    assert padded < 1.06 * sum(lengths)


@given(lengths, budgets, windows)
def test_every_text_is_in_exactly_one_call(lengths, budget, window):
    planned = [at for call in plan_calls(lengths, budget, window) for at in call]
    assert sorted(planned) == list(range(len(lengths)))


@given(lengths, budgets, paddings)
def test_a_call_fits_as_it_is_padded(lengths, budget, padding):
    for call in plan_calls(lengths, budget, padding=padding):
        padded = [pad_length(lengths[at]) for at in call]
        assert len(call) * max(padded) <= budget or len(call) == 1
        assert len(call) * max(padded) - sum(padded) <= padding


@given(lengths)
def test_calls_have_one_of_few_sizes(lengths):
    assert {len(call) for call in plan_calls(lengths)} <= {*SIZES}


@given(st.integers(1, 1000))
def test_a_text_is_padded_as_little_as_may_be(tokens):
    assert 0 <= pad_length(tokens) - tokens < 8
    assert pad_length(tokens) % 8 == 0


def test_thousands_of_texts_are_read_in_less_than_two_hundred_shapes():
    lengths = [5 + (at * at * 7919) % 155 for at in range(5000)]
    calls = plan_calls(lengths)
    shapes = {(len(call), pad_length(max(lengths[at] for at in call))) for call in calls}
    assert len(shapes) < 200 < len(calls)
