import pytest

from service.labelling.pace import CALLS, Pace


def test_nothing_is_foretold_before_the_first_call():
    assert Pace().seconds(1000) == 0


def test_texts_take_as_long_a_token_as_in_the_last_calls():
    pace = Pace()
    pace.observe(100, 1.0)
    pace.observe(300, 1.0)
    assert pace.seconds(200) == pytest.approx(1.0)


def test_a_slow_first_call_is_forgotten():
    pace = Pace()
    pace.observe(1, 1000.0)
    for _ in range(CALLS):
        pace.observe(100, 0.1)
    assert pace.seconds(100) == pytest.approx(0.1)
