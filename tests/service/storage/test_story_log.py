from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy.orm import Session

from service.storage.database import open_database
from service.storage.story_log import StoryLog
from service.storage.tables import StoryArticleRow

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def log(database_url):
    engine = open_database(database_url)
    with Session(engine, autoflush=False) as session, session.begin():
        yield StoryLog(session, NOW)
    engine.dispose()


def article(headline, *, started):
    return StoryArticleRow(
        article_id=headline,
        started=started,
        probability=0.5,
        topics=[],
        headline=headline,
        url="",
        source="",
        published_at=None,
        embedding=np.zeros(2, dtype=np.float32),
        words=" ",
        weights=np.zeros(0),
    )


@pytest.fixture
def parted(log):
    """A story of every second of four articles, and the one that the others were split off to."""
    whole = log.start("a0")
    articles = [article(f"a{at}", started=at == 0) for at in range(4)]
    for each in articles:
        log.add(whole, each)
    new = log.start("a1")
    log.fill(new, articles[1::2])
    log.fill(whole, articles[::2])
    return whole, new


def open_articles(log):
    log.articles_of(0)  # what is new is sent to the database
    return [(story.number, each.headline) for story, each in log.open_articles()]


@pytest.mark.usefixtures("parted")
def test_stories_that_were_parted_are_read_one_after_the_other(log):
    assert open_articles(log) == [(1, "a0"), (1, "a2"), (2, "a1"), (2, "a3")]


def test_a_story_ends_with_the_last_of_the_articles_that_it_was_left(parted):
    whole, new = parted
    assert (whole.last_sequence, new.last_sequence) == (3, 4)


def test_stories_of_the_same_last_article_are_read_one_after_the_other(log, parted):
    for story in parted:
        story.last_sequence = 4  # as earlier servers left them
    assert open_articles(log) == [(1, "a0"), (1, "a2"), (2, "a1"), (2, "a3")]
