"""How precision falls as recall grows, and how honest the probabilities are."""

from collections.abc import Mapping

import numpy as np
from plotly.graph_objects import Figure, Scatter
from sklearn.metrics import precision_recall_curve

from training.metrics import bin_of
from training.predictions import Predictions
from training.report.style import colour_of, new_figure

Names = Mapping[str, str]
"""What people call each topic, by its id."""

POINTS = 400
"""Most points of a curve; more can't be seen."""


def precision_recall_figure(held_out: Predictions, names: Names) -> Figure:
    """A curve for each topic with the point of its threshold."""
    figure = new_figure("Recall", "Precision")
    for at, topic in enumerate(held_out.topics):
        marks, given = held_out.targets[:, at], held_out.given[:, at]
        if not marks.any():
            continue
        precision, recall, _ = precision_recall_curve(marks, held_out.probabilities[:, at])
        shown = np.unique(np.linspace(0, len(recall) - 1, POINTS).astype(int))
        colour = colour_of(at)
        figure.add_trace(
            Scatter(x=recall[shown], y=precision[shown], name=names[topic], line={"color": colour})
        )
        right = (marks & given).sum()
        figure.add_trace(
            Scatter(
                x=[right / marks.sum()],
                y=[right / max(given.sum(), 1)],
                mode="markers",
                marker={"color": colour, "size": 11, "line": {"color": "white", "width": 2}},
                name=f"{names[topic]}: labels given",
                showlegend=False,
            )
        )
    return figure


def reliability_figure(held_out: Predictions, names: Names) -> Figure:
    """For each topic, how often texts of about the same probability carry it."""
    figure = new_figure("Probability given", "Share that carries the topic")
    figure.add_trace(
        Scatter(
            x=[0, 1],
            y=[0, 1],
            line={"dash": "dot", "color": "#999"},
            name="honest",
            hoverinfo="skip",
        )
    )
    for at, topic in enumerate(held_out.topics):
        probabilities, marks = held_out.probabilities[:, at], held_out.targets[:, at]
        numbers = bin_of(probabilities)
        bins = [np.flatnonzero(numbers == number) for number in np.unique(numbers)]
        figure.add_trace(
            Scatter(
                x=[probabilities[texts].mean() for texts in bins],
                y=[marks[texts].mean() for texts in bins],
                text=[f"{len(texts)} texts" for texts in bins],
                name=names[topic],
                mode="lines+markers",
                line={"color": colour_of(at)},
            )
        )
    return figure
