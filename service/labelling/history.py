"""What a model has said hour by hour, to be held against what it said of its corpus."""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from training.labels import Labelling

HOURS = 24
"""How many are remembered; hours without an article are left out."""


@dataclass
class Hour:
    """What was said in one hour."""

    start: datetime
    """In UTC."""
    articles: int = 0
    out_of_distribution: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    """By topic, how many articles were given it."""
    probabilities: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """By topic, the sum of the probabilities of these labels."""

    def add(self, labellings: Sequence[Labelling]) -> None:
        """Counts what was said of some articles."""
        self.articles += len(labellings)
        self.out_of_distribution += sum(each.out_of_distribution for each in labellings)
        for label in (label for each in labellings for label in each.labels):
            self.labels[label.topic] += 1
            self.probabilities[label.topic] += label.probability


def _now() -> datetime:
    return datetime.now(UTC)


class History:
    """The last hours of one model, in memory alone; safe to use from several threads."""

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._hours = OrderedDict[datetime, Hour]()
        self._lock = Lock()

    def note(self, labellings: Sequence[Labelling]) -> None:
        """Adds what was just said."""
        start = self._clock().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._hours.setdefault(start, Hour(start)).add(labellings)
            while len(self._hours) > HOURS:
                self._hours.popitem(last=False)

    def hours(self) -> list[Hour]:
        """Copies, the latest hour first."""
        with self._lock:
            return [deepcopy(each) for each in reversed(self._hours.values())]
