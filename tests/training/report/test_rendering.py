import re
from dataclasses import replace

import pytest

from tests.browser import needs_browser, show, without_plotly
from tests.fakes import FakeEncoder
from training.corpus import Corpus, LabelledText
from training.publishing import publish
from training.report.rendering import render_card, render_report
from training.store import Store
from training.taxonomy import Taxonomy
from training.train import train_model

NASTY = "<script>alert(1)</script> </script> {{ 7 * 7 }} blackout summit"


@pytest.fixture(scope="module")
def nasty(taxonomy, corpus):
    row = LabelledText(text=NASTY, labels=("grid",), source="<b>")
    return train_model(taxonomy, Corpus((*corpus.rows, row)), FakeEncoder())


@pytest.fixture(scope="module")
def page(nasty):
    return render_report(nasty)


def test_the_page_needs_no_other_file(page):
    ours = without_plotly(page)
    assert len(ours) < len(page) / 10
    assert (
        re.findall(r"<(?:script|img|iframe)[^>]*\ssrc|@import|url\(|href=\"(?!data:)", ours) == []
    )


def test_texts_of_the_corpus_can_not_become_markup(page):
    assert "<script>alert" not in page
    assert "{{ 7 * 7 }}" in page or "49" not in page


def test_the_card_states_scores_and_corpus(trained):
    card = render_card(trained)
    assert f"macro-F1 {trained.model.metrics.macro_f1:.3f}" in card
    assert "| grid + talks | 5 |" in card
    assert "* **Grid** (`grid`): blackout substation power grid outage" in card


def test_a_bar_in_a_name_does_not_break_the_table_of_the_card(trained):
    grid, talks = trained.model.taxonomy.topics
    taxonomy = Taxonomy((grid.model_copy(update={"name": "Grid | power"}), talks))
    card = render_card(replace(trained, model=replace(trained.model, taxonomy=taxonomy)))
    assert "\n| Grid \\| power | " in card


def test_every_published_model_carries_both(trained, tmp_path):
    store = Store(tmp_path)
    publish(store, trained)
    assert store.manifest(1).files.keys() > {"report.html", "model_card.md"}
    assert "<h1>Grid, Talks</h1>" in (tmp_path / "1" / "report.html").read_text()


def test_a_model_without_any_corpus_has_a_report(taxonomy):
    trained = train_model(taxonomy, Corpus(()), FakeEncoder())
    assert "None: every held-out text got its labels." in render_report(trained)


@needs_browser
def test_chromium_shows_the_page_without_an_error(page, nasty, tmp_path):
    document = show(page, tmp_path)
    assert document.count('class="main-svg"') >= 5
    grid = nasty.model.metrics.topics["grid"]
    shown = re.search(r'id="slider-missed">(\d+)<', document)
    assert shown
    assert abs(int(shown[1]) - (grid.support - round(grid.recall * grid.support))) <= 2
