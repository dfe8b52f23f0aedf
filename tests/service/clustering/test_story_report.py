import re

import pytest

from service.clustering.report.rendering import render_stories
from service.storage.database import open_database
from service.storage.stories import StoryBook
from tests.browser import needs_browser, show, without_plotly
from tests.news import NOW, arrive, on_day, open_kept
from training.article import Article


@pytest.fixture
def engine():
    engine = open_database("sqlite://")
    yield engine
    engine.dispose()


def keep(engine, *arrivals):
    open_kept(engine).assign(arrivals, NOW)
    return render_stories(StoryBook(engine))


def test_the_page_tells_of_each_story_its_articles_with_links_and_topics(engine):
    linked = Article(title="dam broke", url="https://news.example/1", source="Wire & Co")
    page = keep(
        engine,
        *arrive(linked, topics=("arms_production",)),
        *arrive(on_day(3, "dam broke again"), on_day(4, "cup final")),
    )
    ours = without_plotly(page)
    assert "<h1>2 stories in 3 articles</h1>" in ours
    assert '<a href="https://news.example/1" rel="noopener noreferrer">dam broke</a>' in ours
    assert "Wire &amp; Co" in ours
    assert ">arms production</span>" in ours
    assert "dam broke again · 2026-03-04 00:00" in ours


def test_text_is_shown_as_text_and_only_web_addresses_are_links(engine):
    bad = Article(title="<script>alert(1)</script>", url="javascript:alert(1)")
    ours = without_plotly(keep(engine, *arrive(bad, on_day(1, "<img src=x onerror=alert(1)>"))))
    assert "<script>alert" not in ours
    assert "<img" not in ours
    assert "javascript:" not in ours
    assert re.findall(r"<(?:script|img|iframe)[^>]*\ssrc|@import|url\(", ours) == []


def test_without_stories_and_without_times_there_is_a_page_too(engine):
    assert "None yet." in render_stories(StoryBook(engine))
    page = keep(engine, *arrive(Article(title="dam broke")))
    assert 'id="timeline"' not in without_plotly(page)


@needs_browser
def test_chromium_shows_the_page_without_an_error(engine, tmp_path):
    titles = [f"dam broke {at}" for at in range(6)] + ["cup <b>final</b>"]
    page = keep(engine, *arrive(*[on_day(at, title) for at, title in enumerate(titles)]))
    document = show(page, tmp_path)
    assert document.count('class="main-svg"') >= 2
    assert "dam broke 0 (1)" in without_plotly(document)
