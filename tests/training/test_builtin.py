"""The built-in model, trained as the server trains it, on texts that it has never seen."""

import pytest

from service.cli.samples import SAMPLES
from training.article import Article
from training.corpus import builtin_corpus
from training.evaluate import label_articles
from training.sentence_encoder import load_encoder
from training.taxonomy import builtin_taxonomy
from training.train import train_model
from training.weights import NEWS_ENCODER

PAGE = """\
Shelling cuts heat to the eastern districts

By our staff

Missiles hit the city's second power plant on Tuesday night and left 40,000 people without heat.
Foreign ministers of the alliance will meet in Oslo on Friday to discuss more air defence.
The state arsenal said that its shell lines now work in three shifts and that output has doubled.

Leave a comment

Share on social media

Subscribe to our newsletter
"""


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(NEWS_ENCODER)


@pytest.fixture(scope="module")
def model(encoder):
    taxonomy = builtin_taxonomy()
    return train_model(taxonomy, builtin_corpus(taxonomy), encoder).model


@pytest.fixture(scope="module")
def label(model, encoder):
    return lambda *articles: label_articles(model, encoder, articles)


def topics(labelling):
    return {found.topic for found in labelling.labels}


def test_a_saved_page_gets_its_topics_from_the_passages_about_them(label):
    [found] = label(Article(body=PAGE))
    evidence = {
        found.topic: {each.passage.text for each in found.evidence} for found in found.labels
    }
    lines = PAGE.splitlines()
    assert {*evidence} == {"infrastructure_attacks", "diplomacy", "arms_production"}
    assert lines[4] in evidence["infrastructure_attacks"]
    assert lines[5] in evidence["diplomacy"]
    assert lines[6] in evidence["arms_production"]


def test_page_furniture_and_by_lines_get_no_label(label):
    furniture = [line for line in PAGE.splitlines()[2:3] + PAGE.splitlines()[8:] if line]
    assert [topics(found) for found in label(*(Article(body=line) for line in furniture))] == [
        set()
    ] * 4


def test_sample_articles_about_a_topic_are_told(label):
    told = dict(zip((article.id for article in SAMPLES), map(topics, label(*SAMPLES)), strict=True))
    assert told["grid"] == {"infrastructure_attacks", "diplomacy"}
    assert told["grid-repair"] == {"infrastructure_attacks"}
    assert told["summit"] == told["summit-end"] == {"diplomacy"}
    assert told["shells"] == {"arms_production"}


def test_most_ordinary_news_gets_no_label(label):
    articles = [
        "Bake the loaf for forty minutes and leave it to cool on a rack.",
        "Shares of the retailer fell four per cent after a profit warning.",
        "Researchers found water ice in a crater near the lunar south pole.",
        "The council approved a new cycle path along the canal.",
        "The defender headed in a late corner to win the derby.",
        "The studio said that the sequel comes to cinemas in June.",
        "A cold front brings rain to the coast and snow above 900 metres.",
        "The phone maker showed a model with a folding screen.",
        "A jury found the accountant guilty of fraud.",
        "The choir sings Bach on Sunday; admission is free.",
    ]
    told = [topics(found) for found in label(*(Article(body=text) for text in articles))]
    assert sum(bool(found) for found in told) <= 1


def test_held_out_scores_and_probabilities_stay_what_they_were(model):
    assert model.metrics.macro_f1 >= 0.75
    assert max(topic.ece for topic in model.metrics.topics.values()) <= 0.03
