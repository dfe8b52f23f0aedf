import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeEncoder
from training.article import Article
from training.corpus import Corpus, LabelledText
from training.evaluate import label_articles
from training.novelty import FEWEST_TEXTS, MOST_TEXTS, fit_novelty
from training.store import Store
from training.train import train_model


def cloud(texts, middle, spread=0.1, seed=0):
    points = middle + np.random.default_rng(seed).normal(0, spread, (texts, 8))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


NORTH, EAST = np.eye(8)[0], np.eye(8)[1]
NOTHING = np.zeros((0, 8), dtype=np.float32)


def fitted(embeddings, anchors=NOTHING):
    found = fit_novelty(embeddings, anchors, seed=0)
    assert found
    return found


def test_texts_like_the_corpus_are_nearer_than_texts_unlike_it():
    novelty = fitted(cloud(500, NORTH))
    like, unlike = cloud(200, NORTH, seed=1), cloud(200, EAST, seed=2)
    assert (novelty.distances(like) > novelty.limit).mean() < 0.04
    assert (novelty.distances(unlike) > novelty.limit).all()


def test_a_lone_freak_in_the_corpus_does_not_make_its_like_familiar():
    novelty = fitted(np.concatenate([cloud(300, NORTH), cloud(1, EAST)]))
    assert (novelty.distances(cloud(10, EAST, seed=1)) > novelty.limit).all()


def test_a_small_corpus_says_nothing_of_what_lies_outside():
    assert fit_novelty(cloud(FEWEST_TEXTS - 1, NORTH), NOTHING, seed=0) is None


def test_copies_of_one_text_do_not_narrow_what_is_familiar():
    few = np.tile(cloud(20, NORTH), (30, 1))
    assert fit_novelty(few, NOTHING, seed=0) is None
    many = np.tile(cloud(300, NORTH), (5, 1))
    assert fitted(many).limit == fitted(cloud(300, NORTH)).limit


def test_a_lone_description_of_a_topic_is_familiar():
    described = cloud(1, EAST)
    novelty = fitted(cloud(300, NORTH), anchors=described)
    assert novelty.distances(described)[0] < novelty.limit


def test_about_one_text_of_the_corpus_in_a_hundred_is_unfamiliar():
    novelty = fitted(cloud(1000, NORTH))
    assert 0.98 <= (novelty.distances(cloud(1000, NORTH)) <= novelty.limit).mean() <= 1


def test_a_large_corpus_is_sampled():
    novelty = fitted(cloud(MOST_TEXTS + 500, NORTH))
    assert novelty.seen.shape == (MOST_TEXTS, 8)


@given(st.integers(0, 2000))
def test_a_distance_does_not_depend_on_the_other_texts(at):
    novelty = fitted(cloud(200, NORTH))
    texts = cloud(2001, NORTH + EAST, spread=0.5, seed=3)
    alone = novelty.distances(texts[at : at + 1])[0]
    assert alone == pytest.approx(novelty.distances(texts)[at], abs=1e-5)


def test_a_trained_model_abstains_on_what_it_never_saw_and_does_so_from_its_folder(
    taxonomy, corpus, tmp_path
):
    more = tuple(
        LabelledText(text=f"{row.text} again {number}", labels=row.labels)
        for number in range(3)
        for row in corpus.rows
    )
    model = train_model(taxonomy, Corpus(more), FakeEncoder()).model
    store = Store(tmp_path)
    loaded = store.load(store.publish(model))
    articles = [Article(body="zebra xylophone quasar"), Article(body=corpus.rows[0].text)]
    for each in (model, loaded):
        strange, familiar = label_articles(each, FakeEncoder(), articles)
        assert strange.out_of_distribution
        assert not familiar.out_of_distribution
        assert strange.distance is not None
        assert familiar.distance is not None
        assert strange.distance > familiar.distance
