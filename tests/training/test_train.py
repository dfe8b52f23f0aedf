import numpy as np
import pytest

from tests.conftest import GRID, OTHER, TALKS
from tests.fakes import FakeEncoder
from training.article import Article
from training.background import needs_background
from training.corpus import Corpus, LabelledText
from training.evaluate import label_articles, predict
from training.metrics import measure
from training.taxonomy import parse_taxonomy
from training.train import train_model


def topics_of(model, *articles):
    found = label_articles(model, FakeEncoder(), [Article(body=body) for body in articles])
    return [{label.topic for label in each.labels} for each in found]


def test_a_model_tells_its_topics_apart_and_gives_none_where_there_is_none(model):
    both = "The outage spread. " * 3 + "\n" + "The envoy left the summit. " * 3
    found = topics_of(model, "substation outage again", "treaty summit", "football recipe", both)
    assert found == [{"grid"}, {"talks"}, set(), {"grid", "talks"}]


def test_the_same_corpus_and_seed_give_the_same_heads(taxonomy, corpus, model):
    again = train_model(taxonomy, corpus, FakeEncoder()).model
    np.testing.assert_array_equal(again.heads.coefficients, model.heads.coefficients)
    np.testing.assert_array_equal(again.heads.thresholds, model.heads.thresholds)


def test_names_descriptions_and_phrases_alone_make_a_model(taxonomy):
    model = train_model(taxonomy, Corpus(()), FakeEncoder()).model
    found = topics_of(model, "power grid outage blackout", "minister summit envoy", " ".join(OTHER))
    assert found == [{"grid"}, {"talks"}, set()]
    assert model.manifest.corpus.size == 0


def test_a_topic_without_examples_works_beside_one_that_has_them(taxonomy, corpus):
    rows = tuple(row for row in corpus.rows if "talks" not in row.labels)
    model = train_model(taxonomy, Corpus(rows), FakeEncoder()).model
    found = topics_of(model, "substation outage", "minister summit treaty talks envoy")
    assert found == [{"grid"}, {"talks"}]


def test_a_taxonomy_of_one_topic_works():
    one = parse_taxonomy('[[topics]]\nid="a"\nname="Grid"\ndescription="power grid outage"')
    rows = tuple(LabelledText(text=f"{w} news", labels=("a",)) for w in GRID)
    model = train_model(one, Corpus(rows), FakeEncoder()).model
    assert topics_of(model, "power grid outage", " ".join(TALKS)) == [{"a"}, set()]


def test_background_is_needed_only_where_the_corpus_shows_no_text_about_nothing(corpus):
    labelled = Corpus(tuple(row for row in corpus.rows if row.labels))
    assert needs_background(labelled)
    assert needs_background(Corpus(()))
    assert not needs_background(corpus)


def test_a_text_longer_than_a_passage_is_learnt_from_whole(taxonomy, corpus):
    long = LabelledText(text="filler words here. " * 60 + "envoy treaty.", labels=("talks",))
    encoder = FakeEncoder(max_tokens=16)
    train_model(taxonomy, Corpus((*corpus.rows, long)), encoder)
    assert sum(encoder.calls) > len(corpus.rows) + 10


def test_held_out_metrics_are_lower_than_what_the_fit_has_seen(corpus, model):
    seen = measure(predict(model, FakeEncoder(), corpus))
    assert model.metrics.macro_f1 <= seen.macro_f1
    assert [*model.metrics.topics] == ["grid", "talks"]


def test_shuffled_labels_score_no_better_than_chance(taxonomy, corpus):
    order = np.random.default_rng(0).permutation(len(corpus.rows))
    rows = tuple(
        row.model_copy(update={"labels": corpus.rows[at].labels})
        for row, at in zip(corpus.rows, order, strict=True)
    )
    metrics = train_model(taxonomy, Corpus(rows), FakeEncoder()).model.metrics
    assert max(topic.average_precision for topic in metrics.topics.values()) < 0.65


@pytest.mark.parametrize("batch", [1, 7])
def test_an_article_is_labelled_the_same_alone_and_among_others(model, batch):
    articles = [Article(body=f"{GRID[at % 5]} {TALKS[at % 3]} item {at}") for at in range(batch)]
    together = label_articles(model, FakeEncoder(), articles)
    apart = [label_articles(model, FakeEncoder(), [article])[0] for article in articles]
    assert together == apart
