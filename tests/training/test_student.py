import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.distil import Lesson, StudentReader, distil
from training.errors import ModelRefused
from training.model import load_model, save_model
from training.student import FEWEST_SEEN, Student, pick_limits

VOCABULARY = 40
WORDS = np.random.default_rng(5).normal(size=(VOCABULARY, 8)).astype(np.float32)
MARKERS = (3, 7)
THRESHOLDS = np.array([0.5, 0.4])


def passages(count, seed):
    """Token ids; a passage carries a topic if it has that topic's marker."""
    random = np.random.default_rng(seed)
    tokens = [random.integers(10, VOCABULARY, size=random.integers(3, 9)) for _ in range(count)]
    for at, each in enumerate(tokens):
        if at % 4 < len(MARKERS):
            each[0] = MARKERS[at % 4]
    marks = np.array([[marker in each for marker in MARKERS] for each in tokens])
    return [each.tolist() for each in tokens], marks


def lesson(count, seed):
    tokens, marks = passages(count, seed)
    return Lesson(tokens, np.where(marks, 0.95, 0.05))


def clear_alone(student, scores):
    return student.is_clear(scores, [1] * len(scores))


@pytest.fixture(scope="module")
def student():
    return distil(WORDS, lesson(2400, seed=0), lesson(600, seed=2), THRESHOLDS, seed=0)


def test_a_student_clears_what_carries_no_topic(student):
    tokens, marks = passages(300, seed=1)
    clear = clear_alone(student, StudentReader(student.weights, WORDS)(tokens))
    assert clear[~marks.any(axis=1)].mean() > 0.8
    assert clear[marks.any(axis=1)].mean() < 0.05


def test_the_same_seed_gives_the_same_student(student):
    again = distil(WORDS, lesson(2400, seed=0), lesson(600, seed=2), THRESHOLDS, seed=0)
    assert all(
        np.array_equal(again.weights[name], array) for name, array in student.weights.items()
    )
    assert np.array_equal(again.limits, student.limits)


def test_a_passage_without_tokens_is_read_too(student):
    assert StudentReader(student.weights, WORDS)([[], [3]]).shape == (2, 2)
    assert StudentReader(student.weights, WORDS)([]).shape == (0, 2)


def test_a_model_keeps_its_student_on_disk(distilled, tmp_path):
    save_model(distilled, tmp_path)
    loaded = load_model(tmp_path).student
    assert loaded
    assert loaded.weights.keys() == distilled.student.weights.keys()
    assert np.array_equal(loaded.weights["word.weight"], distilled.student.weights["word.weight"])
    assert np.array_equal(loaded.limits, distilled.student.limits)


def test_a_student_that_was_tampered_with_is_refused(distilled, tmp_path):
    save_model(distilled, tmp_path)
    file = tmp_path / "student.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(ModelRefused, match=r"student\.safetensors: does not match the SHA-256"):
        load_model(tmp_path)


@st.composite
def scored(draw):
    count = draw(st.integers(2 * FEWEST_SEEN, 120))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    marks = random.random((count, 2)) < draw(st.floats(0.1, 0.9))
    noise = draw(st.floats(0, 2))
    return np.clip(marks * 0.5 + random.random((count, 2)) * noise, 0, 1), marks


@given(scored(), st.floats(0, 0.2))
def test_no_more_passages_with_a_topic_are_clear_than_may_be(found, most_wrong):
    scores, marks = found
    clear = clear_alone(Student({}, pick_limits(scores, marks, most_wrong)), scores)
    assert (clear & marks.any(axis=1)).mean() <= most_wrong


@given(scored())
def test_where_more_may_be_wrong_no_fewer_are_clear(found):
    scores, marks = found
    few, many = (Student({}, pick_limits(scores, marks, share)) for share in (0.01, 0.1))
    assert clear_alone(few, scores).sum() <= clear_alone(many, scores).sum()


@given(scored(), st.integers(2, 10))
def test_the_longer_an_article_the_fewer_of_its_passages_are_clear(found, longer):
    scores, marks = found
    student = Student({}, pick_limits(scores, marks, 0.1))
    in_one = student.is_clear(scores, [longer, len(scores) - longer])
    assert (in_one <= clear_alone(student, scores)).all()


def test_a_passage_that_is_clear_alone_is_not_in_a_long_article():
    student = Student({}, np.array([0.4]))
    scores = np.full((17, 1), 0.3)
    assert student.is_clear(scores, [1, 16]).tolist() == [True] + [False] * 16


def test_too_few_passages_with_a_topic_make_nothing_clear():
    scores = np.linspace(0, 1, 100)[:, None]
    assert pick_limits(scores, scores > 0.95, 0.05) == [0]
    assert pick_limits(scores, scores > 0.5, 0.05) > 0.5
