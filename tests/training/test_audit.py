import numpy as np

from tests.fakes import FakeEncoder
from training.audit import find_issues, find_suspects
from training.corpus import Corpus, LabelledText
from training.train import train_model


def test_a_text_with_the_wrong_label_is_found(taxonomy, corpus):
    wrong = LabelledText(id="w", text="blackout substation power report.", labels=("talks",))
    trained = train_model(taxonomy, Corpus((*corpus.rows, wrong)), FakeEncoder())
    [worst, *_] = find_suspects(trained)
    assert (worst.id, worst.labels, worst.row) == ("w", ("talks",), len(corpus.rows) + 1)
    assert "talks" not in worst.suggested


def test_texts_with_the_right_labels_are_left_alone(trained):
    assert len(find_suspects(trained)) <= len(trained.corpus.rows) * 0.05


def test_a_topic_that_all_or_no_texts_carry_raises_no_suspicion():
    targets = np.array([[True, False], [True, False]])
    assert not find_issues(targets, np.full((2, 2), 0.5)).any()


def test_no_texts_no_suspects(taxonomy):
    assert find_suspects(train_model(taxonomy, Corpus(()), FakeEncoder())) == []
