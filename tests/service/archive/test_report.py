import re
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.archive.digest import MOST_EXAMPLES, MOST_POINTS, Digest, Seen, digest
from service.archive.parts import Counts
from service.archive.report.figures import map_figure, source_figure, time_figure
from service.archive.report.groups import name_groups
from service.archive.report.rendering import render_report
from tests.browser import needs_browser, show, without_plotly
from training.article import Article
from training.labels import Evidence, Label, Labelling
from training.passages import Field, Passage

NAMES = {"grid": "Grid", "talks": "Talks"}


def seen(number, *topics, day=1, source="wire", title=None):
    text = title or f"Number {number}"
    article = Article(
        id=str(number),
        title=text,
        source=source,
        published_at=datetime(2026, 11, day, tzinfo=UTC) if day else None,
    )
    evidence = (Evidence(Passage(Field.TITLE, 0, len(text), text), 0.9),)
    labels = tuple(Label(topic, 0.5 + number / 1000, 0.5, evidence) for topic in topics)
    return Seen(article, Labelling(labels, {}), np.full(4, number, np.float32))


articles = st.lists(
    st.builds(
        seen,
        st.integers(0, 300),
        st.sampled_from(["grid", "talks"]),
        day=st.sampled_from([None, 1, 2, 28]),
        source=st.sampled_from(["", "wire", "paper"]),
    ),
    max_size=30,
)


def test_what_was_given_no_topic_is_not_in_the_digest():
    assert digest([seen(1)]) == Digest()


@given(articles, articles)
def test_the_digest_of_two_parts_counts_what_both_count(one, other):
    together, apart = digest([*one, *other]), digest(one) + digest(other)
    assert (apart.days, apart.sources) == (together.days, together.sources)


def heights(figure, at):
    assert figure
    return list(figure.data[at].y)


@given(st.lists(articles, max_size=4))
def test_digests_add_up_to_the_same_in_any_order(parts):
    digests = [digest(part) for part in parts]
    assert sum(digests, Digest()) == sum(reversed(digests), Digest())


def test_a_digest_keeps_little_of_many_articles():
    parts = [digest(seen(at, "grid") for at in range(part, 9000, 300)) for part in range(60)]
    whole = sum(parts, Digest())
    assert len(whole.examples) == MOST_EXAMPLES
    assert whole.examples[0].probability == max(each.examples[0].probability for each in parts)
    assert len(whole.points) == MOST_POINTS


def test_days_without_articles_are_drawn_as_none():
    figure = time_figure({"2026-11-01": {"grid": 2}, "2026-11-04": {"grid": 1}}, NAMES)
    assert heights(figure, 0) == [2, 0, 0, 1]
    assert heights(figure, 1) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("last", "periods"), [("2026-03-01", 60), ("2027-01-03", 53), ("2031-12-31", 72)]
)
def test_long_archives_are_drawn_by_week_or_month(last, periods):
    figure = time_figure({"2026-01-01": {"grid": 1}, last: {"grid": 1}}, NAMES)
    assert len(heights(figure, 0)) == periods
    assert sum(heights(figure, 0)) == 2


def test_the_sources_with_most_articles_are_drawn():
    tally = {f"s{at}": {"grid": at, "talks": 1} for at in range(100)}
    figure = source_figure(tally, NAMES)
    assert heights(figure, 0)[:2] == ["s99", "s98"]


def test_groups_are_named_by_the_words_that_set_them_apart():
    embeddings = np.repeat(np.eye(2, dtype=np.float32), 40, axis=0)
    titles = ["Dam flooded again"] * 40 + ["Summit opened again"] * 40
    assert sorted(terms for _, terms in name_groups(embeddings, titles)) == [
        "dam flooded",
        "summit opened",
    ]


def test_a_page_needs_no_other_file_and_shows_text_as_text():
    found = digest([seen(at, "grid", title=f"<script>alert({at})</script>") for at in range(40)])
    page = render_report(Counts(articles=40), found, NAMES, files=1, model=1)
    assert "<script>alert" not in page
    ours = without_plotly(page)
    assert re.findall(r"<(?:script|img|iframe)[^>]*\ssrc|@import|url\(", ours) == []


def test_a_job_without_topics_has_a_page_too():
    assert "no article was given a topic" in render_report(
        Counts(), Digest(), NAMES, files=0, model=1
    )


def test_copies_of_one_article_are_no_map():
    copies = digest([seen(7, "grid", title="The same")] * 500)
    assert map_figure(copies.points, NAMES) is None


@needs_browser
def test_chromium_shows_the_page_without_an_error(tmp_path):
    found = digest([seen(at, "grid", day=1 + at % 9, title=f"Dam {at} broke") for at in range(60)])
    page = render_report(Counts(articles=60), found, NAMES, files=1, model=1)
    document = show(page, tmp_path)
    assert document.count('class="main-svg"') >= 3
    assert re.search(r'class="annotation-text".*?>dam broke', without_plotly(document))
