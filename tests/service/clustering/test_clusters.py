from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.clustering import groups
from service.clustering.clusters import canonical_order, cluster_articles, renumber
from service.clustering.groups import find_originals, group_articles
from service.clustering.live import cluster_live
from service.labelling.live import go_live
from service.settings import Settings
from tests.fakes import LINK, FakeEncoder
from training.article import Article
from training.encoder import encode_texts
from training.stories.joining import Joining
from training.terms import Terms

FLOOD = ("Flood hits river town", "River flood hits town again", "Town flood: river hits record")
CUP = ("Cup final goes to penalties", "Penalties decide cup final")
LONER = "Orchestra hires conductor"
ARTICLES = [Article(id=str(at), title=text) for at, text in enumerate((*FLOOD, *CUP, LONER))]


def clustered(articles):
    order = canonical_order(articles)
    ordered = [articles[at] for at in order]
    embeddings = encode_texts(FakeEncoder(), [article.title for article in ordered])
    return renumber(cluster_articles(ordered, embeddings, LINK), order)


def ids(clustering, articles):
    return [[articles[member.index].id for member in c.members] for c in clustering.clusters]


def test_articles_of_one_event_are_found_together_and_loners_left_alone():
    clustering = clustered(ARTICLES)
    assert ids(clustering, ARTICLES) == [["0", "1", "2"], ["3", "4"]]
    assert [cluster.id for cluster in clustering.clusters] == ["c1", "c2"]
    assert clustering.loners == (5,)


def test_a_cluster_is_named_by_its_terms_and_a_headline_of_its_own():
    flood, cup = clustered(ARTICLES).clusters
    assert {"flood", "river", "town"} & set(" ".join(flood.terms).split())
    assert cup.headline in CUP
    assert ARTICLES[cup.central].title == cup.headline


@given(st.permutations(range(len(ARTICLES))))
def test_the_order_of_the_articles_changes_nothing(order):
    shuffled = [ARTICLES[at] for at in order]
    expected, found = clustered(ARTICLES), clustered(shuffled)
    assert [sorted(group) for group in ids(found, shuffled)] == ids(expected, ARTICLES)
    assert [(c.headline, c.terms) for c in found.clusters] == [
        (c.headline, c.terms) for c in expected.clusters
    ]
    assert {shuffled[at].id for at in found.loners} == {"5"}


@given(st.lists(st.sampled_from(["a b", "a c", "d e", "", "d f g"]), min_size=1, max_size=12))
@settings(deadline=None)
def test_every_article_is_in_one_cluster_or_among_the_loners(texts):
    clustering = clustered([Article(title=text) for text in texts])
    members = [m.index for cluster in clustering.clusters for m in cluster.members]
    assert sorted([*members, *clustering.loners]) == list(range(len(texts)))
    assert all(len(cluster.members) >= 2 for cluster in clustering.clusters)


def test_a_long_headline_is_shortened():
    articles = [Article(body="word " * 100)] * 2
    clustering = cluster_articles(articles, np.ones((2, 1), dtype=np.float32), LINK)
    assert len(clustering.clusters[0].headline) == 200
    assert clustering.clusters[0].headline.endswith("…")


def test_what_is_too_much_to_be_grouped_at_once_is_followed_as_a_stream(monkeypatch):
    at_once = ids(clustered(ARTICLES), ARTICLES)
    monkeypatch.setattr(groups, "MOST_TOGETHER", 2)
    assert ids(clustered(ARTICLES), ARTICLES) == at_once


def test_like_articles_are_one_group_and_others_two():
    articles = [Article(title=title) for title in ("Dam broke", "Cup final", "Dam broke")]
    embeddings = encode_texts(FakeEncoder(), [article.title for article in articles])
    first, other, second = group_articles(articles, embeddings, LINK)
    assert first == second != other


def grouped_by_direction(degrees, unevenness):
    """The groups of articles of different words, without times."""
    angles = np.radians(degrees)
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    articles = [Article(title=f"word{at}") for at in range(len(degrees))]
    link = LINK.model_copy(update={"joining": Joining(unevenness=unevenness)})
    return group_articles(articles, embeddings, link).tolist()


def test_a_straggler_joins_a_large_group_but_an_equal_one_does_not():
    group, straggler = [0, 1, 2, 3], 65
    assert len(set(grouped_by_direction([*group, straggler], 0.5))) == 1
    assert len(set(grouped_by_direction([*group, straggler], 0))) == 2
    assert len(set(grouped_by_direction([*group, *(63 + at for at in group)], 0.5))) == 2


def test_time_parts_articles_that_read_alike():
    def grouped(days):
        texts = ("Dam broke in valley", "Dam broke near valley")
        times = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1 + days, tzinfo=UTC))
        articles = [Article(title=t, published_at=at) for t, at in zip(texts, times, strict=True)]
        return group_articles(articles, encode_texts(FakeEncoder(), texts), LINK).tolist()

    assert len(set(grouped(0))) == 1
    assert len(set(grouped(30))) == 2


def test_copies_have_the_same_words_within_two_days():
    words = [("a", "b"), ("a",), ("a", "b"), ("a", "b"), ("a", "b"), ("a",)]
    times = np.array([1, 1, 2.5, 9, 9.5, np.nan])
    assert find_originals(words, times).tolist() == [0, 1, 0, 3, 3, 1]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), min_size=1))
def test_an_original_comes_first_and_is_a_copy_of_itself(rows):
    words, times = [(word,) for word, _ in rows], np.array([day for _, day in rows], dtype=float)
    found = find_originals(words, times)
    assert (found[found] == found).all()
    assert all(original <= at for at, original in enumerate(found))
    assert all(words[at] == words[original] for at, original in enumerate(found))


def test_a_hundred_copies_pull_a_group_no_more_than_one():
    texts = ("flood river town", "flood river harvest", "river harvest festival")

    def grouped(copies):
        articles = [Article(title=text) for text in (*texts, *[texts[0]] * copies)]
        embeddings = encode_texts(FakeEncoder(), [article.title for article in articles])
        return group_articles(articles, embeddings, LINK)[: len(texts)].tolist()

    assert grouped(0) == grouped(100)


def test_terms_of_texts_without_words_are_none():
    assert Terms(["", "?"]).distinctive(np.array([0, 1])) == [[], []]


def test_a_number_is_no_term_but_a_word_with_one_is():
    terms = Terms(["39 39 39 f16 39", "cup"]).distinctive(np.array([0, 1]))
    assert terms == [["f16"], ["cup"]]


def test_a_word_told_in_a_longer_term_is_not_told_again():
    texts = ["power grid power grid", "cup final"]
    assert Terms(texts).distinctive(np.array([0, 1]))[0] == ["power grid"]


def test_many_groups_are_summed_up_in_themes_that_hold_each_once():
    themes = ("market prices shares", "league goal match", "vaccine virus clinic")
    own = [" ".join(f"{letter}{at}" for letter in "abcde") for at in range(90)]
    articles = [Article(title=f"{themes[at % 3]} {own[at]}") for at in range(90)]
    found = clustered([*articles, articles[0]])
    assert sorted(at for theme in found.themes for at in theme.loners) == list(found.loners)
    assert sorted(c for theme in found.themes for c in theme.clusters) == sorted(
        cluster.id for cluster in found.clusters
    )
    kinds = [{articles[at].title.split()[0] for at in theme.loners} for theme in found.themes]
    assert sorted(map(sorted, kinds)) == [["league"], ["market"], ["vaccine"]]
    assert [theme.id for theme in found.themes] == ["t1", "t2", "t3"]


def test_themes_of_shuffled_articles_are_the_same():
    articles = [Article(id=str(at), title=f"w{at % 7} x{at} y{at} z{at}") for at in range(90)]
    shuffled = articles[::-1]
    forth, back = clustered(articles), clustered(shuffled)
    assert [{articles[at].id for at in theme.loners} for theme in forth.themes] == [
        {shuffled[at].id for at in theme.loners} for theme in back.themes
    ]


def test_few_groups_have_no_themes():
    assert clustered(ARTICLES).themes == ()


async def test_clusters_do_not_depend_on_how_texts_were_batched(model, encoder):
    async with go_live(1, model, encoder, Settings(token_budget=256)) as live:
        forth, _ = await cluster_live(live, ARTICLES, LINK)
        back, _ = await cluster_live(live, ARTICLES[::-1], LINK)
    assert [sorted(group) for group in ids(back, ARTICLES[::-1])] == ids(forth, ARTICLES)
