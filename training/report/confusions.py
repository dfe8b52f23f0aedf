"""Which topics are given in place of which."""

import numpy as np
from plotly.graph_objects import Figure, Heatmap

from training.arrays import Scores
from training.predictions import Predictions
from training.report.curves import Names
from training.report.style import new_figure

NONE = "none"


def confusions(held_out: Predictions) -> Scores:
    """Of the texts that carry each topic, the share that was given each: float64 [n + 1, n + 1].

    The last row are the texts that carry no topic, the last column those that were given none.
    A text that carries two topics counts in both rows; what it was rightly given besides is not
    held against it.
    """
    carried = _with_none(held_out.targets)
    given = _with_none(held_out.given)
    shares = np.zeros((carried.shape[1], carried.shape[1]))
    for row, texts in enumerate(carried.T):
        wrong = given[texts] & ~carried[texts]
        wrong[:, row] = given[texts, row]
        shares[row] = wrong.mean(axis=0) if texts.any() else 0
    return shares


def confusion_figure(held_out: Predictions, names: Names) -> Figure:
    """The confusions as a heat map."""
    labels = [names[topic] for topic in held_out.topics] + [NONE]
    shares = confusions(held_out)
    figure = new_figure("Given", "Carried")
    figure.add_trace(
        Heatmap(
            z=shares,
            x=labels,
            y=labels,
            zmin=0,
            zmax=1,
            colorscale="Blues",
            text=[[f"{share:.1%}" for share in row] for row in shares],
            texttemplate="%{text}",
            showscale=False,
        )
    )
    figure.update_yaxes(autorange="reversed")
    return figure


def _with_none(flags: np.ndarray) -> np.ndarray:
    return np.column_stack([flags, ~flags.any(axis=1)])
