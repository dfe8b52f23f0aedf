"""What the report draws."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
from plotly.graph_objects import Figure, Scatter

from service.archive.digest import Point, Tally
from service.archive.report.groups import name_groups
from training.report.bars import Bars, draw_bars
from training.report.curves import Names
from training.report.map import Dots, draw_map, project
from training.report.style import colour_of, new_figure

Step = Callable[[date], date]
"""Gives the first day of the period that a day lies in."""

MOST_SOURCES = 40

STEPS: tuple[tuple[int, Step], ...] = (
    (92, lambda day: day),
    (3 * 366, lambda day: day - timedelta(days=day.weekday())),
    (20 * 366, lambda day: day.replace(day=1)),
)
"""Up to how many days in all time goes by days, by weeks and by months; beyond, by years."""


def time_figure(days: Tally, names: Names) -> Figure | None:
    """The articles of each topic over time; None if none is dated."""
    if not days:
        return None
    first, last = (date.fromisoformat(pick(days)) for pick in (min, max))
    span = (last - first).days
    begin = next((step for most, step in STEPS if span <= most), _begin_year)
    periods = list(dict.fromkeys(begin(first + timedelta(at)) for at in range(span + 1)))
    counted: Counter[tuple[date, str]] = Counter()
    for day, counts in days.items():
        for topic, count in counts.items():
            counted[begin(date.fromisoformat(day)), topic] += count
    figure = new_figure(y="Articles")
    for at, (topic, name) in enumerate(names.items()):
        height = [counted[period, topic] for period in periods]
        line = {"color": colour_of(at)}
        figure.add_trace(Scatter(x=periods, y=height, name=name, line=line))
    return figure


def source_figure(sources: Tally, names: Names) -> Figure | None:
    """A bar for each source, split by topic; None if no article has one."""
    totals = Counter({source: sum(counts.values()) for source, counts in sources.items()})
    shown = [source for source, _ in totals.most_common(MOST_SOURCES)]
    if not shown:
        return None
    bars = (
        Bars(name, colour_of(at), [sources[source].get(topic, 0) for source in shown])
        for at, (topic, name) in enumerate(names.items())
    )
    return draw_bars("Articles", shown, bars)


def map_figure(points: Sequence[Point], names: Names) -> Figure | None:
    """Articles near each other are about alike; None if there are too few."""
    if not points:
        return None
    embeddings = np.stack([point.embedding for point in points])
    places = project(embeddings)
    if places is None:
        return None
    titles = [point.title for point in points]
    topics = [point.topic for point in points]
    kinds = (
        Dots(name, colour_of(at), [row for row, own in enumerate(topics) if own == topic])
        for at, (topic, name) in enumerate(names.items())
    )
    figure = draw_map(places, titles, kinds)
    for group, terms in name_groups(embeddings, titles):
        x, y = np.median(places[group], axis=0)
        figure.add_annotation(x=x, y=y, text=terms, showarrow=False, bgcolor="rgba(255,255,255,.8)")
    return figure


def _begin_year(day: date) -> date:
    return day.replace(month=1, day=1)
