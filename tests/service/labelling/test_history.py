from datetime import UTC, datetime, timedelta

import pytest

from service.labelling.history import HOURS, History
from training.labels import Label, Labelling

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = NOON + timedelta(minutes=59)

    def __call__(self):
        return self.now


def labelling(*given, strange=False):
    labels = tuple(Label(topic, probability, 0.5, ()) for topic, probability in given)
    return Labelling(labels, {}, out_of_distribution=strange)


def test_what_is_said_within_an_hour_is_added_up():
    history = History(Clock())
    history.note([labelling(("grid", 0.9)), labelling()])
    history.note([labelling(("grid", 0.7), ("talks", 0.6)), labelling(strange=True)])
    [hour] = history.hours()
    assert (hour.start, hour.articles, hour.out_of_distribution) == (NOON, 4, 1)
    assert hour.labels == {"grid": 2, "talks": 1}
    assert hour.probabilities == {"grid": pytest.approx(1.6), "talks": pytest.approx(0.6)}


def test_the_last_hours_that_had_articles_are_remembered_the_latest_first():
    clock = Clock()
    history = History(clock)
    for _ in range(HOURS + 6):
        history.note([labelling()])
        clock.now += timedelta(hours=2)
    starts = [hour.start for hour in history.hours()]
    assert len(starts) == HOURS
    assert starts[0] == NOON + timedelta(hours=2 * (HOURS + 5))
    assert starts == sorted(starts, reverse=True)


def test_what_was_told_does_not_change_afterwards():
    history = History(Clock())
    history.note([labelling(("grid", 0.9))])
    [told] = history.hours()
    history.note([labelling(("grid", 0.9))])
    assert (told.articles, told.labels["grid"]) == (1, 1)
