"""The corpus's embeddings in two dimensions."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

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


class Dots(NamedTuple):
    """Texts that are drawn alike."""

    name: str
    colour: str
    members: Sequence[int]
    """Their positions."""


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
    kinds = [Dots(names.get(group, group), colours[group], own) for group, own in groups.items()]
    return draw_map(places, [rows[at].text for at in chosen], kinds)


def draw_map(places: Embeddings, texts: Sequence[str], kinds: Iterable[Dots]) -> Figure:
    """A dot for each text of some kind, without axes.

    Args:
        places: of the texts, float32 [texts, 2].
        texts: shown where one points at a dot.
        kinds: in the order of the legend.
    """
    figure = new_figure()
    for name, colour, members in kinds:
        figure.add_trace(
            Scatter(
                x=places[members, 0],
                y=places[members, 1],
                mode="markers",
                name=name,
                text=[_hover(texts[at]) for at in members],
                hoverinfo="text",
                marker={"color": colour, "size": 6, "opacity": 0.7},
            )
        )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_layout(height=620)
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


def _hover(text: str) -> str:
    """The beginning of a text, in lines for a figure to show."""
    return "<br>".join(textwrap.wrap(textwrap.shorten(text, 240, placeholder="…"), 60))
