import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.labels import FREE_PASSAGES, PassageScores, label_passages, raise_thresholds
from training.passages import Field, Passage

PASSAGES = [Passage(Field.BODY, at * 10, at * 10 + 5, f"text{at}") for at in range(3)]
THRESHOLDS = np.array([0.5, 0.4])


def labels(*rows, passages=PASSAGES, distances=None):
    scores = PassageScores(np.array(rows).reshape(-1, 2), distances, limit=0.5)
    return label_passages(passages, scores, ("a", "b"), THRESHOLDS)


def test_an_article_is_as_probable_as_its_most_probable_passage():
    found = labels((0.9, 0.1), (0.2, 0.3), (0.7, 0.0))
    assert found.probabilities == {"a": 0.9, "b": 0.3}
    assert [(label.topic, label.probability) for label in found.labels] == [("a", 0.9)]


def test_evidence_are_the_passages_over_the_threshold_most_probable_first():
    [label] = labels((0.6, 0), (0.2, 0), (0.7, 0)).labels
    assert [evidence.passage.text for evidence in label.evidence] == ["text2", "text0"]


def test_a_title_is_evidence_beside_the_passage_it_was_read_with():
    title = Passage(Field.TITLE, 0, 5, "title")
    passages = [Passage(Field.BODY, 0, 5, "text0", title), Passage(Field.BODY, 6, 11, "text1")]
    [label] = labels((0.6, 0), (0.7, 0), passages=passages).labels
    found = [(evidence.passage.text, evidence.probability) for evidence in label.evidence]
    assert found == [("text1", 0.7), ("text0", 0.6), ("title", 0.6)]


def test_labels_come_most_probable_first():
    assert [label.topic for label in labels((0.6, 0.8), (0, 0), (0, 0)).labels] == ["b", "a"]


def test_a_probability_at_the_threshold_is_enough():
    assert [label.topic for label in labels((0.5, 0.1), (0, 0), (0, 0)).labels] == ["a"]


def test_many_lukewarm_passages_do_not_add_up():
    many = [Passage(Field.BODY, at, at + 1, "x") for at in range(20)]
    assert labels(*[(0.45, 0.35)] * 20, passages=many).labels == ()


def long(probability, count):
    passages = [Passage(Field.BODY, at, at + 1, "x") for at in range(count)]
    return labels((probability, 0), *[(0.1, 0)] * (count - 1), passages=passages)


def test_one_sure_paragraph_earns_the_label_of_a_long_article():
    [label] = long(0.9, 4 * FREE_PASSAGES).labels
    assert (label.probability, round(label.threshold, 6), len(label.evidence)) == (0.9, 0.8, 1)


def test_one_doubtful_paragraph_is_enough_in_a_short_article_only():
    assert long(0.55, FREE_PASSAGES).labels
    assert not long(0.55, 2 * FREE_PASSAGES).labels


def test_evidence_of_a_long_article_is_what_would_earn_the_label_alone():
    passages = [Passage(Field.BODY, at, at + 1, "x") for at in range(20)]
    [label] = labels((0.9, 0), (0.55, 0), *[(0.1, 0)] * 18, passages=passages).labels
    assert [evidence.probability for evidence in label.evidence] == [0.9, 0.55]


@given(st.floats(0, 1), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_longer_article_never_has_to_show_less(threshold, passages, more):
    shorter, longer = (
        raise_thresholds(np.array([threshold]), count)[0] for count in (passages, passages + more)
    )
    assert threshold - 1e-12 <= shorter <= longer + 1e-12 <= 1 + 1e-12


def test_an_article_without_passages_is_about_nothing():
    found = labels(passages=[])
    assert found.labels == ()
    assert found.probabilities == {"a": 0, "b": 0}


def test_a_passage_unlike_all_that_was_seen_earns_nothing():
    found = labels((0.9, 0.1), (0.6, 0.3), (0.7, 0.0), distances=np.array([0.51, 0.5, 0.2]))
    [label] = found.labels
    assert [evidence.passage.text for evidence in label.evidence] == ["text2", "text1"]
    assert label.probability == 0.7
    assert (found.probabilities["a"], found.distance) == (0.9, 0.2)
    assert not found.out_of_distribution


def test_an_article_all_of_whose_passages_are_unfamiliar_is_out_of_distribution():
    found = labels(*[(0.9, 0.9)] * 3, distances=np.array([0.6, 0.7, 0.8]))
    assert found.out_of_distribution
    assert (found.labels, found.distance) == ((), 0.6)


def test_an_article_without_passages_is_not_out_of_distribution():
    found = labels(passages=[], distances=np.zeros(0))
    assert (found.out_of_distribution, found.distance) == (False, None)
