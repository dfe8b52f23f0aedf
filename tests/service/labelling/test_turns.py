from hypothesis import given
from hypothesis import strategies as st

from service.labelling.turns import CALLER, MOST_REMEMBERED, Turns


def turn_of(turns, caller):
    token = CALLER.set(caller)
    try:
        return turns.next()
    finally:
        CALLER.reset(token)


steps = st.lists(st.one_of(st.sampled_from("abc"), st.integers(0, 30)))


@given(steps)
def test_a_caller_waits_for_its_own_texts_and_for_one_of_each_other_a_turn(steps):
    turns, now = Turns(), 0
    last: dict[str, int] = {}
    for step in steps:
        if isinstance(step, int):
            turns.reach(step)
            now = max(now, step)
        else:
            turn = turn_of(turns, step)
            assert turn == max(now, last.get(step, -1) + 1)
            last[step] = turn


def test_callers_whose_turns_have_been_are_forgotten():
    turns = Turns()
    for at in range(3 * MOST_REMEMBERED):
        turns.reach(turn_of(turns, at) + 1)
    assert len(turns._next) <= MOST_REMEMBERED
