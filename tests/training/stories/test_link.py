from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.fakes import LINK, FakeEncoder
from training.errors import InvalidCorpus, LinkRefused
from training.pooling import embed_articles
from training.stories.fit import fit_link
from training.stories.joining import Joining
from training.stories.link import day_of, find_link, log_days
from training.stories.told import ToldArticle, builtin_told, load_told

START = datetime(2026, 3, 1, tzinfo=UTC)


def numbers(values):
    return np.array(values, dtype=np.float32)


def told(stories, *, dated=True):
    """Three articles of each story: alike in its own two words, a day apart, a month between."""
    return [
        ToldArticle(
            story=f"s{story}",
            title=f"place{story} event{story} report{(story + part) % 7} city{part}",
            published_at=START + timedelta(days=30 * story + part) if dated else None,
        )
        for story in range(stories)
        for part in range(3)
    ]


def fitted(articles):
    embeddings = embed_articles(FakeEncoder(), [each.article for each in articles])
    return fit_link(articles, embeddings, "fake")


def test_alike_articles_are_linked_and_time_loosens_the_link():
    weights = fitted(told(12)).dated
    assert weights.similarity > 0
    assert weights.overlap > 0
    assert weights.log_days < 0


def test_told_stories_are_found_again():
    link = fitted(told(12))
    near = link.log_odds(numbers([0.5]), numbers([0.8]), numbers([0.7]))
    far = link.log_odds(numbers([0.1]), numbers([0.0]), numbers([3.4]))
    assert near > 0 > far


def test_without_times_the_text_alone_decides():
    link = fitted(told(12, dated=False))
    assert link.dated == link.undated
    assert link.undated.log_days == 0


def test_the_same_stories_make_the_same_link():
    assert fitted(told(12)) == fitted(told(12))


def test_stories_of_one_article_each_teach_nothing():
    lone = [each.model_copy(update={"story": str(at)}) for at, each in enumerate(told(4))]
    with pytest.raises(InvalidCorpus, match="at least two must have several articles"):
        fitted(lone)


def test_no_articles_teach_nothing():
    with pytest.raises(InvalidCorpus, match="at least two must have several articles"):
        fitted([])


def test_a_pair_without_a_time_is_judged_by_its_text():
    gaps = log_days(np.array([1.0, np.nan]), np.array([3.0, 3.0]))
    dated, undated = LINK.log_odds(numbers([0.5, 0.5]), numbers([0.5, 0.5]), gaps)
    assert dated == pytest.approx(2 - 2.5 * np.log(3))
    assert undated == pytest.approx(1)
    assert np.isnan(day_of(None))


def test_a_link_comes_back_from_its_file(tmp_path):
    path = tmp_path / "link.json"
    path.write_text(LINK.model_dump_json())
    assert find_link(path) == LINK


def test_a_link_that_tells_nothing_of_groups_decides_by_the_mean(tmp_path):
    path = tmp_path / "link.json"
    path.write_text(LINK.model_dump_json(exclude={"joining"}))
    assert find_link(path).joining == Joining()


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"dated": 1}'])
def test_a_file_without_a_link_is_refused(tmp_path, content):
    path = tmp_path / "link.json"
    path.write_text(content)
    with pytest.raises(LinkRefused, match=r"link\.json: "):
        find_link(path)
    with pytest.raises(LinkRefused, match="No such file"):
        find_link(tmp_path / "none.json")


def test_the_built_in_link_was_fitted_on_the_built_in_stories():
    articles, link = builtin_told(), find_link(None)
    assert link.articles == len(articles)
    assert link.stories == len({each.story for each in articles})
    assert link.dated.similarity > 0 > link.dated.log_days


def test_every_bad_row_is_named(tmp_path):
    path = tmp_path / "told.jsonl"
    path.write_text('{"story": "", "title": "x"}\n{"story": "a"}\n{"story": "a", "title": "x"}\n')
    with pytest.raises(InvalidCorpus) as refused:
        load_told([path])
    assert refused.value.problems == (
        f"{path}:1: story: is empty",
        f"{path}:2: row: has neither a title nor a body",
    )
