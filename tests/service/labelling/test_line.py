import asyncio

from hypothesis import given
from hypothesis import strategies as st

from service.labelling.line import Line
from service.labelling.turns import Caller

lengths = st.lists(st.integers(1, 50), min_size=1, max_size=60)
left = st.sets(st.integers(0, 59))


def entered(lengths):
    line, caller = Line(), Caller()
    return line, [line.enter(caller, [0] * length) for length in lengths]


@given(lengths, left)
async def test_texts_of_callers_that_left_are_gone(lengths, left):
    line, texts = entered(lengths)
    for at in left & set(range(len(lengths))):
        line.leave(texts[at])
        line.leave(texts[at])
    staying = [length for at, length in enumerate(lengths) if at not in left]
    assert sorted(len(each.tokens) for each in line.first(100)) == sorted(staying)
    assert len(line) == len(staying)


@given(lengths, left)
async def test_what_is_taken_waits_no_more(lengths, positions):
    line, _ = entered(lengths)
    chosen = sorted(positions & set(range(len(lengths))))
    before = line.first(100)
    assert line.take(chosen) == [before[at] for at in chosen]
    assert line.first(100) == [each for at, each in enumerate(before) if at not in chosen]


@given(lengths)
async def test_a_newcomer_has_all_tokens_before_it_that_stand_back_for_nobody(lengths):
    line, _ = entered(lengths[:30])
    assert line.tokens_ahead(Caller()) == sum(lengths[:30])


async def test_a_newcomer_goes_before_most_of_a_caller_of_thousands():
    line, _ = entered([10] * 2000)
    assert line.tokens_ahead(Caller()) < 3000


async def test_an_empty_line_has_nothing_ahead():
    line, _ = entered([5])
    line.take([0])
    assert line.tokens_ahead(Caller()) == 0


async def test_everyone_hears_when_nothing_comes_any_more():
    line, texts = entered([1, 2])
    line.cancel()
    done, _ = await asyncio.wait([each.outcome for each in texts])
    assert all(outcome.cancelled() for outcome in done)
