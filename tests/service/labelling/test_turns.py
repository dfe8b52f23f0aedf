from hypothesis import given
from hypothesis import strategies as st

from service.labelling.turns import FREE, STAND_BACK, Caller, Turns

MANY, OTHER = Caller(), Caller()
comings = st.lists(st.sampled_from([MANY, MANY, MANY, OTHER]), max_size=300)


@given(comings)
def test_callers_of_few_texts_go_in_the_order_they_come(callers):
    turns = Turns()
    given = []
    for caller in callers:
        given.append(turns.enter(caller))
        turns.leave(caller)
    assert given == [*range(len(callers))]


@given(comings)
def test_who_has_many_waiting_stands_back_by_a_bounded_number_of_texts(callers):
    turns = Turns()
    waiting = dict.fromkeys((MANY, OTHER), 0)
    for came, caller in enumerate(callers):
        assert turns.enter(caller) == came + STAND_BACK * max(0, waiting[caller] - FREE)
        waiting[caller] += 1


def test_a_newcomer_goes_before_the_later_texts_of_a_caller_of_thousands():
    turns = Turns()
    many = [turns.enter(MANY) for _ in range(2000)]
    newcomer = turns.enter(OTHER)
    assert sum(turn < newcomer for turn in many) < 300


def test_callers_that_have_nothing_waiting_are_forgotten():
    turns = Turns()
    for caller in [Caller() for _ in range(100)]:
        turns.enter(caller)
        turns.leave(caller)
    assert turns._waiting == {}
