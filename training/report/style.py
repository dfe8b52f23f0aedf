"""The look that all figures share."""

from plotly.graph_objects import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#6b8e23")
"""Told apart by colour-blind readers too (Okabe and Ito, 2008); used again after the last."""

NONE_COLOUR = "#b8bec6"


def colour_of(position: int) -> str:
    """The colour of what stands at that position, such as a topic of the taxonomy."""
    return COLOURS[position % len(COLOURS)]


def new_figure(x: str | None = None, y: str | None = None) -> Figure:
    """An empty figure with titled axes."""
    figure = Figure()
    figure.update_layout(
        template="plotly_white",
        margin={"l": 56, "r": 16, "t": 16, "b": 48},
        font={"family": "system-ui, sans-serif", "size": 13},
        legend={"orientation": "h", "y": 1.12},
        height=420,
    )
    figure.update_xaxes(title=x)
    figure.update_yaxes(title=y)
    return figure
