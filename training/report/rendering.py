"""Writes a trained model's report and model card."""

from training.report.confusions import confusion_figure
from training.report.curves import precision_recall_figure, reliability_figure
from training.report.make_up import combinations, make_up_figure
from training.report.map import map_figure
from training.report.mistakes import find_mistakes
from training.report.page import render_page, template
from training.report.slider import slider_data
from training.train import Trained

REPORT = "report.html"
CARD = "model_card.md"


def render_report(trained: Trained) -> str:
    """One HTML page that needs no other file and no network."""
    names = trained.model.taxonomy.names
    held_out = trained.held_out
    figures = {
        "precision-recall": precision_recall_figure(held_out, names),
        "reliability": reliability_figure(held_out, names),
        "confusions": confusion_figure(held_out, names),
        "make-up": make_up_figure(trained.corpus, names),
        "map": map_figure(trained, names),
    }
    return render_page(
        "training.report",
        "report.html.jinja",
        figures,
        **_facts(trained),
        mistakes=find_mistakes(trained),
        slider=slider_data(held_out),
    )


def render_card(trained: Trained) -> str:
    """The model card (Mitchell et al., 2019), in Markdown."""
    return template("training.report", "model_card.md.jinja", escape=False).render(
        **_facts(trained)
    )


def _facts(trained: Trained) -> dict[str, object]:
    model = trained.model
    return {
        "topics": model.taxonomy.topics,
        "manifest": model.manifest,
        "metrics": model.metrics,
        "combinations": combinations(trained.corpus),
        "sources": len({source for source in trained.corpus.sources if source}),
    }
