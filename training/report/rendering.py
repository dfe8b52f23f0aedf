"""Writes a trained model's report and model card."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from plotly.offline import get_plotlyjs

from training.report.confusions import confusion_figure
from training.report.curves import precision_recall_figure, reliability_figure
from training.report.make_up import combinations, make_up_figure
from training.report.map import map_figure
from training.report.mistakes import find_mistakes
from training.report.slider import slider_data
from training.train import Trained

REPORT = "report.html"
CARD = "model_card.md"


def render_report(trained: Trained) -> str:
    """One HTML page that needs no other file and no network."""
    names = {topic.id: topic.name for topic in trained.model.taxonomy.topics}
    held_out = trained.held_out
    figures = {
        "precision-recall": precision_recall_figure(held_out, names),
        "reliability": reliability_figure(held_out, names),
        "confusions": confusion_figure(held_out, names),
        "make-up": make_up_figure(trained.corpus, names),
        "map": map_figure(trained, names),
    }
    return _template("report.html.jinja", escape=True).render(
        **_facts(trained),
        mistakes=find_mistakes(trained),
        figures={name: figure.to_json() for name, figure in figures.items() if figure},
        slider=slider_data(held_out),
        plotly=get_plotlyjs(),
    )


def render_card(trained: Trained) -> str:
    """The model card (Mitchell et al., 2019), in Markdown."""
    return _template("model_card.md.jinja", escape=False).render(**_facts(trained))


def _facts(trained: Trained) -> dict[str, object]:
    model = trained.model
    return {
        "topics": model.taxonomy.topics,
        "manifest": model.manifest,
        "metrics": model.metrics,
        "combinations": combinations(trained.corpus),
        "sources": len({source for source in trained.corpus.sources if source}),
    }


@cache
def _template(name: str, *, escape: bool) -> Template:
    environment = Environment(
        autoescape=escape,  # noqa: S701 - Markdown has nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string((files("training.report") / name).read_text(encoding="utf-8"))
