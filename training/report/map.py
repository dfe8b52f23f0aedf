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
"""With fewer there is nothing to see."""


def map_figure(trained: Trained, names: Names) -> Figure | None:
    """Texts near each other are about alike (t-SNE); None if there are too few."""
    rows = trained.corpus.rows
    if len(rows) < FEWEST_TEXTS:
        return None
    chosen = np.sort(np.random.default_rng(0).permutation(len(rows))[:MOST_TEXTS])
    places = _project(trained.embeddings[chosen])
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
                text=[_hover(rows[chosen[at]].text) for at in members],
                hoverinfo="text",
                marker={"color": colours[group], "size": 6, "opacity": 0.75},
            )
        )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_layout(height=560)
    return figure


def _project(embeddings: Embeddings) -> Embeddings:
    """float32 [texts, 2] (van der Maaten and Hinton, 2008)."""
    perplexity = min(30.0, (len(embeddings) - 1) / 3)
    tsne = TSNE(init="pca", perplexity=perplexity, max_iter=400, random_state=0)
    places: Embeddings = tsne.fit_transform(embeddings)
    return places


def _hover(text: str) -> str:
    return "<br>".join(textwrap.wrap(textwrap.shorten(text, 240, placeholder="…"), 60))
