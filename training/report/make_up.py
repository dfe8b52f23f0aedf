"""What the corpus consists of."""

from collections import Counter
from collections.abc import Sequence

from plotly.graph_objects import Bar, Figure

from training.corpus import Corpus
from training.report.curves import Names
from training.report.style import NONE_COLOUR, colour_of, new_figure

MOST_SOURCES = 60


def combinations(corpus: Corpus) -> Sequence[tuple[tuple[str, ...], int]]:
    """How many texts carry each combination of topics, most frequent first."""
    return Counter(tuple(sorted(row.labels)) for row in corpus.rows).most_common()


def make_up_figure(corpus: Corpus, names: Names) -> Figure:
    """A bar for each source, split by topic; a text of two topics counts in both."""
    sizes = Counter(row.source or "no source" for row in corpus.rows)
    sources = [source for source, _ in sizes.most_common(MOST_SOURCES)]
    counts = Counter((row.source or "no source", t) for row in corpus.rows for t in row.labels)
    nothing = Counter(row.source or "no source" for row in corpus.rows if not row.labels)
    figure = new_figure("Texts")
    for at, (topic, name) in enumerate(names.items()):
        figure.add_trace(_bar(name, sources, [counts[s, topic] for s in sources], colour_of(at)))
    figure.add_trace(_bar("none", sources, [nothing[s] for s in sources], NONE_COLOUR))
    figure.update_layout(barmode="stack", height=max(260, 60 + 16 * len(sources)))
    figure.update_layout(margin={"l": 12 + 7 * max(map(len, sources), default=0)})
    figure.update_yaxes(autorange="reversed")
    return figure


def _bar(name: str, sources: Sequence[str], counts: Sequence[int], colour: str) -> Bar:
    return Bar(name=name, y=sources, x=counts, orientation="h", marker={"color": colour})
