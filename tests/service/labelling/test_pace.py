import pytest

from service.labelling.pace import CALLS, FEWEST, Pace


def test_nothing_is_foretold_before_the_first_call():
    assert Pace().seconds(1000) == 0


def test_texts_take_as_long_a_token_as_in_most_of_the_last_calls():
    pace = Pace()
    for seconds in (1.0, 2.0, 900.0):
        pace.observe(1000, seconds)
    assert pace.seconds(500) == pytest.approx(1.0)


def test_short_calls_do_not_make_the_encoder_look_slow():
    pace = Pace()
    pace.observe(1, 0.005)
    assert pace.seconds(FEWEST) == pytest.approx(0.005)


def test_what_is_long_past_is_forgotten():
    pace = Pace()
    for seconds in [1000.0] * CALLS + [0.1] * CALLS:
        pace.observe(1000, seconds)
    assert pace.seconds(1000) == pytest.approx(0.1)
