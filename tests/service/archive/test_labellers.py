import numpy as np
import pytest

from service.archive.labellers import ENCODER, STUDENT, AccurateLabeller, FastLabeller
from tests.fakes import FakeEncoder
from training.article import Article
from training.corpus import tuning_corpus
from training.distil import WIDTH
from training.student import Student
from training.taxonomy import builtin_taxonomy

ARTICLES = [
    Article(title="The grid failed.", body="A minister spoke.\n\nRecipes for soup."),
    Article(body="A football match."),
    Article(),
]


def student_of(topics, limit):
    """One that finds every topic of every passage as probable as not."""
    shapes = {
        "word": (WIDTH, FakeEncoder().word_vectors().shape[1]),
        "pooled": (WIDTH, 2 * WIDTH),
        "topics": (topics, WIDTH),
    }
    weights = {f"{name}.weight": np.zeros(shape, np.float32) for name, shape in shapes.items()}
    weights |= {f"{name}.bias": np.zeros(shape[0], np.float32) for name, shape in shapes.items()}
    return Student(weights, np.full(topics, limit))


@pytest.fixture
def label_fast(model, encoder):
    def label(limit):
        student = student_of(len(model.taxonomy.ids), limit)
        return FastLabeller(model, encoder, student)(ARTICLES)

    return label


def test_where_the_student_clears_nothing_the_encoder_decides_as_ever(label_fast, model, encoder):
    fast, accurate = label_fast(0.4), AccurateLabeller(model, encoder)(ARTICLES)
    assert [each.labelling for each in fast] == [each.labelling for each in accurate]
    assert [each.stage for each in fast] == [ENCODER, ENCODER, STUDENT]


def test_what_the_student_clears_is_not_left_to_the_encoder(label_fast, encoder):
    answers = label_fast(0.6)
    assert [each.stage for each in answers] == [STUDENT] * 3
    assert encoder.calls == []
    assert not any(each.labelling.topics for each in answers)
    assert {each.labelling.distance for each in answers} == {None}
    assert not any(each.labelling.out_of_distribution for each in answers)


def test_a_fast_model_gives_nearly_the_same_labels_and_asks_the_encoder_less(distilled, corpus):
    encoder, rows = FakeEncoder(), tuning_corpus(builtin_taxonomy()).texts[:1000]
    articles = [Article(body=text) for text in [*corpus.texts, *rows]]
    accurate = AccurateLabeller(distilled, encoder)(articles)
    all_passages = sum(encoder.calls)
    fast = FastLabeller(distilled, encoder, distilled.student)(articles)
    assert sum(encoder.calls) - all_passages < all_passages
    same = [
        one.labelling.topics == two.labelling.topics
        for one, two in zip(fast, accurate, strict=True)
    ]
    assert np.mean(same) > 0.97
