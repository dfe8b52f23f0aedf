"""The corpus's embeddings in two dimensions."""

import textwrap

import numpy as np
from plotly.graph_objects import Figure, Scatter
from sklearn.manifold import TSNE

from training.arrays import Embeddings
from training.report.curves import Names
from training.report.style import NONE_COLOUR, colour_of, new_figure
from training.train import Trained

MOST_TEXTS = 1000
FEWEST_TEXTS = 12
"""Different ones."""


def map_figure(trained: Trained, names: Names) -> Figure | None:
    """Texts near each other are about alike (t-SNE); None if there are too few."""
    rows = trained.corpus.rows
    chosen = np.sort(np.random.default_rng(0).permutation(len(rows))[:MOST_TEXTS])
    places = project(trained.embeddings[chosen])
    if places is None:
        return None
    groups = {
        "none": [at for at, row in enumerate(chosen) if not rows[row].labels],
        **{
            topic: [at for at, row in enumerate(chosen) if rows[row].labels[:1] == (topic,)]
            for topic in names
        },
    }
    colours = {"none": NONE_COLOUR} | {t: colour_of(at) for at, t in enumerate(names)}
    figure = new_figure()
    for group, members in groups.items():
        figure.add_trace(
            Scatter(
                x=places[members, 0],
                y=places[members, 1],
                mode="markers",
                name=names.get(group, group),
                text=[hover(rows[chosen[at]].text) for at in members],
                hoverinfo="text",
                marker={"color": colours[group], "size": 6, "opacity": 0.75},
            )
        )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_layout(height=560)
    return figure


def project(embeddings: Embeddings) -> Embeddings | None:
    """The texts' places on a map, float32 [texts, 2] (t-SNE, van der Maaten and Hinton, 2008).

    Equal texts have one place. None if too few are different for there to be anything to see.
    """
    distinct, place = np.unique(embeddings, axis=0, return_inverse=True)
    if len(distinct) < FEWEST_TEXTS:
        return None
    perplexity = min(30.0, (len(distinct) - 1) / 3)
    tsne = TSNE(init="pca", perplexity=perplexity, max_iter=400, random_state=0)
    places: Embeddings = tsne.fit_transform(distinct)[place]
    return places


def hover(text: str) -> str:
    """The beginning of a text, in lines for a figure to show."""
    return "<br>".join(textwrap.wrap(textwrap.shorten(text, 240, placeholder="…"), 60))
