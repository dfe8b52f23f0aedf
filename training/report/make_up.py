"""What the corpus consists of."""

from collections import Counter
from collections.abc import Sequence

from plotly.graph_objects import Figure

from training.corpus import Corpus
from training.report.bars import Bars, draw_bars
from training.report.curves import Names
from training.report.style import NONE_COLOUR, colour_of

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
    bars = [
        Bars(name, colour_of(at), [counts[source, topic] for source in sources])
        for at, (topic, name) in enumerate(names.items())
    ]
    none = Bars("none", NONE_COLOUR, [nothing[source] for source in sources])
    return draw_bars("Texts", sources, [*bars, none])
