"""Made-up news for stories, and a process that follows it: `python -m tests.news URL FIRST`."""

import random
import sys
from datetime import UTC, datetime, timedelta

from service.clustering import kept
from service.clustering.rows import Arrival
from service.storage.database import open_database
from tests.fakes import LINK, FakeEncoder
from training.article import Article
from training.encoder import encode_texts

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 4, 1, tzinfo=UTC)
WORDS = ("dam", "broke", "upriver", "flood", "town", "cup", "final", "goal", "team", "envoy")
OFTEN = {"TIDY_EVERY": 10, "SUM_WORDS_EVERY": 15}
"""So that a short stream is merged, split and summed up."""


def on_day(day, title, id_=""):
    time = None if day is None else START + timedelta(days=day)
    return Article(id=id_, title=title, published_at=time)


def arrive(*articles, topics=()):
    embeddings = encode_texts(FakeEncoder(), [article.title for article in articles])
    return [Arrival(*each, topics) for each in zip(articles, embeddings, strict=True)]


def stream(length):
    """A little out of order, some of it without a time."""
    chance = random.Random(0)
    articles = []
    for at in range(length):
        title = " ".join(chance.sample(WORDS, chance.randint(2, 5)))
        day = None if chance.random() < 0.1 else at / 4 + chance.uniform(-3, 3)
        articles.append(on_day(day, title, f"a{at}"))
    return arrive(*articles)


def open_kept(engine):
    return kept.KeptStories(engine, LINK, FakeEncoder.reference)


def follow(url, first):
    """Says of each article of the stream when it is kept."""
    for name, value in OFTEN.items():
        setattr(kept, name, value)
    stories = open_kept(open_database(url))
    for at, arrival in enumerate(stream(120)[first:], first):
        stories.assign([arrival], NOW)
        sys.stdout.write(f"{at}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    follow(sys.argv[1], int(sys.argv[2]))
