from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.clustering.centres import MOST_EXACT, Centres
from service.clustering.stories import OPEN_DAYS, RECENT, Stories
from tests.fakes import DIMENSION, LINK, FakeEncoder
from training.article import Article
from training.encoder import encode_texts
from training.stories.joining import Joining

START = datetime(2026, 3, 1, tzinfo=UTC)
TITLES = ("dam broke upriver", "dam broke again upriver", "cup final tonight", "cup final lost", "")


def on_day(day, title, id_=""):
    time = None if day is None else START + timedelta(days=day)
    return Article(id=id_, title=title, published_at=time)


def assign_all(articles, stories=None):
    stories = Stories(LINK, DIMENSION) if stories is None else stories
    embeddings = encode_texts(FakeEncoder(), [article.title for article in articles])
    return [stories.assign(stories.read(*each)) for each in zip(articles, embeddings, strict=True)]


def numbers(articles):
    return [assigned.story for assigned in assign_all(articles)]


def test_articles_of_one_event_join_and_others_start_a_story():
    assert numbers([on_day(0, title) for title in TITLES[:4]]) == [1, 1, 2, 2]


def test_an_article_says_whether_it_started_its_story_and_how_likely_it_was_another():
    first, second, other = assign_all([on_day(0, TITLES[at]) for at in (0, 1, 2)])
    assert (first.is_new, first.probability) == (True, 0)
    assert not second.is_new
    assert second.probability > 0.5 > other.probability
    assert other.is_new


DRAWING = LINK.model_copy(update={"joining": Joining(unevenness=0.5)})


@pytest.mark.parametrize(
    ("size", "link", "story"), [(1, DRAWING, 2), (6, DRAWING, 1), (6, LINK, 2)]
)
def test_a_large_story_draws_what_a_small_one_does_not(size, link, story):
    articles = [on_day(None, title) for title in (*["dam broke upriver"] * size, "dam fell")]
    assert assign_all(articles, Stories(link, DIMENSION))[-1].story == story


def test_the_nearest_other_story_is_looked_at_and_not_the_largest():
    stories = Stories(DRAWING, 2)
    for number, (degrees, size) in enumerate([(0, 2), (30, 1), (-35, 9)], start=1):
        angle = np.radians(degrees)
        direction = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
        for _ in range(size):
            stories.follow(stories.read(on_day(None, ""), direction), number)
    assert stories.nearest_other(1)[0] == 2


def test_the_only_story_has_no_other():
    stories = Stories(LINK, DIMENSION)
    assign_all([on_day(None, TITLES[0])], stories)
    assert stories.nearest_other(1) == (0, -np.inf)


def test_the_same_event_much_later_is_another_story():
    assert numbers([on_day(0, TITLES[0]), on_day(20, TITLES[0])]) == [1, 2]


def test_a_late_article_finds_its_story():
    articles = [on_day(1, TITLES[0]), on_day(2, TITLES[2]), on_day(0.5, TITLES[1])]
    assert numbers(articles) == [1, 2, 1]


def test_old_stories_leave_memory():
    stories = Stories(LINK, DIMENSION)
    events = [" ".join(f"{word}{at}" for word in "abcdefgh") for at in range(40)]
    assign_all([on_day(at / 10, event) for at, event in enumerate(events)], stories)
    assert len(stories) == 40
    assign_all([on_day(OPEN_DAYS + 2, TITLES[0])] * RECENT, stories)
    assert len(stories) == 1 + sum(at / 10 >= 2 for at in range(40))


def test_what_had_left_takes_no_more():
    articles = [on_day(day, TITLES[0]) for day in (0, *[OPEN_DAYS + 1] * RECENT, 0.5)]
    assert numbers(articles) == [1, *[2] * RECENT, 3]


def test_one_article_with_a_wrong_date_closes_nothing():
    before, after = [on_day(0, TITLES[0])] * 3, [on_day(1, TITLES[1])]
    assert numbers([*before, on_day(30_000, TITLES[2]), *after]) == [1, 1, 1, 2, 1]


def test_articles_without_a_time_go_by_their_text_alone():
    articles = [on_day(0, TITLES[0]), on_day(20, TITLES[2]), on_day(None, TITLES[0])]
    assert numbers(articles) == [1, 2, 1]
    assert numbers([on_day(None, TITLES[0]), on_day(None, TITLES[0])]) == [1, 1]


def test_the_first_time_that_is_known_closes_no_story_without_one():
    articles = [on_day(None, TITLES[0]), on_day(5, TITLES[2]), on_day(None, TITLES[1])]
    assert numbers(articles) == [1, 2, 1]


streams = st.lists(
    st.tuples(st.one_of(st.none(), st.floats(0, 60)), st.sampled_from(TITLES)), max_size=25
)


@given(streams)
@settings(deadline=None)
def test_every_article_is_in_one_story_that_an_article_started(stream):
    assigned = assign_all([on_day(*each) for each in stream])
    started = [each.story for each in assigned if each.is_new]
    assert started == list(range(1, len(started) + 1))
    assert all(each.story in started for each in assigned)
    assert all(0 <= each.probability <= 1 for each in assigned)


@given(streams)
@settings(deadline=None)
def test_the_same_stream_makes_the_same_stories(stream):
    articles = [on_day(*each) for each in stream]
    assert assign_all(articles) == assign_all(articles)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 7)), max_size=200))
def test_centres_are_means_whatever_came_and_went(steps):
    centres = Centres(2)
    kept: dict[int, list[float]] = {}
    for is_new, seed in steps:
        if is_new or not kept:
            kept[centres.take()] = []
        row = sorted(kept)[seed % len(kept)]
        if seed == 7 and kept[row]:
            centres.give_back(row)
            del kept[row]
        else:
            vector = np.array([np.cos(seed), np.sin(seed)], dtype=np.float32)
            centres.add(row, vector)
            kept[row].append(vector[0])
    asked = np.array([1, 0], dtype=np.float32)
    means = {row: np.mean(members) for row, members in kept.items() if members}
    nearest = centres.nearest(asked, 3)
    highest = sorted(means.values(), reverse=True)
    found = sorted(centres.similarities(nearest, asked), reverse=True)
    assert found[:3] == pytest.approx(highest[:3], abs=1e-4)
    assert all(each == pytest.approx(found[2], abs=1e-4) for each in found[3:])


def test_among_many_centres_the_nearest_are_found_by_their_sketches():
    random = np.random.default_rng(3)
    vectors = random.normal(size=(MOST_EXACT + 500, 128)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    centres = Centres(128)
    for vector in vectors:
        centres.add(centres.take(), vector)
    noise = random.normal(size=(200, 128)).astype(np.float32) * 0.05
    asked = vectors[:200] + noise  # cosines of about 0.87
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    assert all(at in centres.nearest(each, 5) for at, each in enumerate(asked))
    assert all(5 <= len(centres.nearest(each, 5)) < 10 for each in asked)  # with equals
