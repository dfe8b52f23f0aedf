"""Counts by source, split by topic."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from plotly.graph_objects import Bar, Figure

from training.report.style import new_figure


class Bars(NamedTuple):
    """One part of every source's bar."""

    name: str
    colour: str
    counts: Sequence[int]
    """Of each source."""


def draw_bars(unit: str, sources: Sequence[str], parts: Iterable[Bars]) -> Figure:
    """A bar for each source, from the top down, its parts behind one another."""
    figure = new_figure(unit)
    for name, colour, counts in parts:
        marker = {"color": colour}
        figure.add_trace(Bar(name=name, y=sources, x=counts, orientation="h", marker=marker))
    figure.update_layout(barmode="stack", height=max(260, 90 + 16 * len(sources)))
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure
