import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from service.clustering import kept as kept_module
from service.clustering.kept import KeptStories
from service.clustering.rows import Arrival
from service.clustering.stories import OPEN_DAYS, RECENT
from service.errors import DatabaseUnusable, EncoderChanged, StoryNotFound
from service.storage.database import open_database
from service.storage.stories import StoryBook, StoryFilter
from service.storage.tables import Change
from tests.fakes import DIMENSION, LINK
from tests.news import NOW, OFTEN, START, WORDS, arrive, on_day, open_kept, stream
from training.article import Article
from training.encoder import EncoderReference


def all_stories(engine):
    """What every article's story is, and all else that is kept of stories."""
    book = StoryBook(engine)
    events = book.events(0, 10_000)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT article_id, story FROM story_articles"))
        articles = {article: story for article, story in rows if article}
    stories = [
        (s.number, s.headline, s.terms, s.size, s.topics, s.last_day, s.is_open, s.last_sequence)
        for s in book.matching(StoryFilter())
    ]
    return (
        articles,
        stories,
        [(e.sequence, e.change, e.story, e.other, e.articles) for e, _ in events],
    )


def count_articles(engine):
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM story_articles")).scalar_one()


def open_stories(kept):
    """What is in memory of each open story."""
    stories = kept._stories
    return {
        number: (story.size, story.weights, story.days, story.last_day)
        for number, story in stories._open.items()
    }


@pytest.fixture
def engine(database_url):
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def often_tidied(monkeypatch):
    for name, value in OFTEN.items():
        monkeypatch.setattr(kept_module, name, value)


@pytest.fixture(scope="module")
def undisturbed():
    """What one server makes of 120 articles, a transaction each, in SQLite."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in OFTEN.items():
            patch.setattr(kept_module, name, value)
        engine = open_database("sqlite://")
        kept = open_kept(engine)
        for arrival in stream(120):
            kept.assign([arrival], NOW)
        yield all_stories(engine)
        engine.dispose()


def test_the_stream_merges_splits_and_closes(undisturbed):
    _, stories, events = undisturbed
    assert {change for _, change, *_ in events} == set(Change)
    assert {is_open for *_, is_open, _ in stories} == {True, False}


@pytest.mark.usefixtures("often_tidied")
@pytest.mark.parametrize("together", [1, 7, 120])
def test_every_database_and_size_of_transaction_gives_the_same_stories(
    engine, undisturbed, together
):
    kept, arrivals = open_kept(engine), stream(120)
    for start in range(0, 120, together):
        kept.assign(arrivals[start : start + together], NOW)
    assert all_stories(engine) == undisturbed


@pytest.mark.usefixtures("often_tidied")
def test_a_server_that_starts_again_goes_on_as_if_nothing_had_been(engine, undisturbed):
    arrivals = stream(120)
    for start in range(0, 120, 7):
        open_kept(engine).assign(arrivals[start : start + 7], NOW)
    assert all_stories(engine) == undisturbed


@pytest.mark.usefixtures("often_tidied")
def test_a_server_remembers_what_the_tables_say(engine):
    kept = open_kept(engine)
    for at, arrival in enumerate(stream(120)):
        kept.assign([arrival], NOW)
        if at % 10 == 0:
            again = open_kept(engine)
            again.assign([], NOW)
            assert open_stories(kept) == open_stories(again)


@pytest.mark.usefixtures("often_tidied")
def test_two_servers_agree(engine, undisturbed):
    servers, arrivals = [open_kept(engine), open_kept(engine)], stream(120)
    for at, arrival in enumerate(arrivals):
        servers[at * at % 7 % 2].assign([arrival], NOW)
    assert all_stories(engine) == undisturbed


@pytest.mark.usefixtures("often_tidied")
def test_a_server_that_is_killed_loses_nothing_that_it_has_said_was_kept(
    database_url, engine, undisturbed
):
    chance, said = random.Random(1), -1
    for kill in (*(chance.randint(1, 40) for _ in range(3)), 120):
        command = [sys.executable, "-m", "tests.news", database_url, str(said + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            lines = [*islice(process.stdout, kill)]
            process.kill()
            lines += [*process.stdout]
        said = int(lines[-1]) if lines else said
        assert count_articles(engine) - (said + 1) in {
            0,
            1,
        }  # it may die between keeping and saying so
    assert all_stories(engine) == undisturbed


@pytest.mark.usefixtures("often_tidied")
def test_servers_that_race_put_no_article_into_two_stories(engine):
    arrivals = stream(60)
    servers = [open_kept(engine) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for done in [
            pool.submit(server.assign, [arrival], NOW) for arrival in arrivals for server in servers
        ]:
            done.result()
    articles, stories, events = all_stories(engine)
    assert set(articles) == {f"a{at}" for at in range(60)}
    assert sum(size for _, _, _, size, *_ in stories) == 60
    assert [sequence for sequence, *_ in events] == [*range(1, len(events) + 1)]
    assert sum(change in {"started", "joined"} for _, change, *_ in events) == 60


def test_the_same_article_twice_is_kept_once_and_stays_where_it_is(engine):
    kept = open_kept(engine)
    dam, cup, again = arrive(
        on_day(0, "dam broke", "a"), on_day(0, "cup final", "b"), on_day(9, "cup final", "a")
    )
    first = kept.assign([dam, cup, dam], NOW)
    assert [row.story for row in first] == [1, 2, 1]
    [second] = open_kept(engine).assign([again], NOW)
    assert (second.story, second.started, second.sequence) == (1, True, first[0].sequence)
    assert StoryBook(engine).find(1).size == 1


def test_articles_without_an_id_are_all_kept(engine):
    rows = open_kept(engine).assign(arrive(*[on_day(0, "dam broke")] * 3), NOW)
    assert [row.sequence for row in rows] == [1, 2, 3]


def test_what_goes_wrong_midway_leaves_nothing_behind(engine):
    kept = open_kept(engine)
    good, other = arrive(on_day(0, "dam broke", "a"), on_day(0, "dam broke upriver", "b"))
    bad = Arrival(Article(title="cup", id="c"), np.ones(3, dtype=np.float32))
    kept.assign([good], NOW)
    with pytest.raises(ValueError, match="size 3"):
        kept.assign([other, bad], NOW)
    assert StoryBook(engine).find(1).size == 1
    assert [row.story for row in kept.assign([other], NOW)] == [1]


def test_a_story_that_was_merged_leads_to_the_other(engine, monkeypatch):
    monkeypatch.setattr(kept_module, "TIDY_EVERY", 10**9)
    kept, book = open_kept(engine), StoryBook(engine)
    titles = ["dam broke", "upriver flood", *["dam broke upriver flood"] * 4]
    rows = kept.assign(arrive(*[on_day(0, title) for title in titles]), NOW)
    assert len({row.story for row in rows}) == 2
    kept.tidy(NOW)
    assert {book.find(number).number for number in (1, 2)} == {book.find(1).number}
    assert book.find(1).size == 6
    event, moved = book.events(6, 10)[0]
    assert (event.change, len(moved)) == ("merged", len(event.articles))
    assert {event.story, event.other} == {1, 2}
    for number in (3, 2**62):
        with pytest.raises(StoryNotFound, match=f"no story {number}"):
            book.find(number)


def test_a_closed_story_is_said_to_be_closed_and_takes_no_more(engine):
    kept, book = open_kept(engine), StoryBook(engine)
    kept.assign(arrive(on_day(0, "dam broke")), NOW)
    assert book.find(1).is_open
    kept.assign(arrive(*[on_day(OPEN_DAYS + 2, "cup final")] * RECENT), NOW)
    assert not book.find(1).is_open
    [late] = open_kept(engine).assign(arrive(on_day(0, "dam broke")), NOW)
    assert late.story == 3


def test_stories_of_another_encoder_are_refused(engine):
    open_kept(engine).assign(arrive(on_day(0, "dam broke")), NOW)
    other = KeptStories(engine, LINK, EncoderReference("other", DIMENSION, "1" * 64))
    with pytest.raises(EncoderChanged, match="another encoder than other"):
        other.assign(arrive(on_day(0, "dam broke")), NOW)


def test_stories_are_found_by_time_topic_words_and_size(engine):
    kept, book = open_kept(engine), StoryBook(engine)
    kept.assign(arrive(on_day(0, "Dam broke", "a"), topics=("grid",)), NOW)
    kept.assign(arrive(on_day(9, "cup 100% final"), on_day(9.1, "Cup final")), NOW)

    def found(**wanted):
        return [row.number for row in book.matching(StoryFilter(**wanted))]

    assert found() == [2, 1]
    assert found(published_after=START + timedelta(days=1)) == [2]
    assert found(published_before=START + timedelta(days=1)) == [1]
    assert found(topic="grid") == [1]
    assert found(topic="gri") == []
    assert found(text="FINAL cup") == [2]
    assert found(text="fin") == found(text="dam cup") == []
    assert found(min_size=2) == [2]
    assert [row.number for row in book.matching(StoryFilter(), below=2)] == [1]
    assert [row.number for row in book.matching(StoryFilter(), below=10**18 - 1)] == [2, 1]


def test_a_story_is_described_by_its_articles(engine):
    kept = open_kept(engine)
    kept.assign(arrive(on_day(2, "Dam broke"), topics=("grid", "talks")), NOW)
    kept.assign(arrive(on_day(1, "Dam broke upriver"), topics=("grid",)), NOW + timedelta(hours=1))
    [row] = StoryBook(engine).matching(StoryFilter())
    assert (row.size, row.topics, row.headline) == (2, {"grid": 2, "talks": 1}, "Dam broke")
    assert (row.first_published_at, row.last_published_at) == (
        START + timedelta(days=1),
        START + timedelta(days=2),
    )
    assert (row.create_time, row.update_time) == (NOW, NOW + timedelta(hours=1))
    assert set(row.terms) <= {"dam", "broke", "upriver"}


def test_what_the_database_refuses_is_said_in_one_line_and_tried_again_the_next_time(engine):
    kept, arrivals = open_kept(engine), arrive(*[on_day(0, "dam broke", id_) for id_ in "ab"])
    kept.assign(arrivals[:1], NOW)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE story_events RENAME TO away"))
    with pytest.raises(DatabaseUnusable, match="story_events"):
        kept.assign(arrivals[1:], NOW)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO story_events"))
    assert [row.story for row in kept.assign(arrivals[1:], NOW)] == [1]


streams = st.lists(
    st.tuples(st.one_of(st.none(), st.floats(0, 60)), st.lists(st.sampled_from(WORDS), max_size=4)),
    max_size=40,
)


@pytest.mark.usefixtures("often_tidied")
@given(streams, st.integers(1, 12))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_a_restart_changes_nothing(rows, together):
    arrivals = arrive(*[on_day(day, " ".join(words)) for day, words in rows])
    whole, pieces = open_database("sqlite://"), open_database("sqlite://")
    open_kept(whole).assign(arrivals, NOW)
    for start in range(0, len(arrivals), together):
        open_kept(pieces).assign(arrivals[start : start + together], NOW)
    assert all_stories(whole) == all_stories(pieces)
    _, stories, events = all_stories(whole)
    assert sum(size for _, _, _, size, *_ in stories) == len(arrivals)
    assert all(later > earlier for (earlier, *_), (later, *_) in pairwise(events))
