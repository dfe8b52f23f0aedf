import pytest

from training.excerpts import make_excerpts

TEXTS = ("One is here. Two is there. Three is far.", "Four is near. Five is lost.", "Six is alone.")
SENTENCES = {f"{sentence}." for text in TEXTS for sentence in text.rstrip(".").split(". ")}


def sentences(text):
    return [f"{sentence}." for sentence in text.rstrip(".").split(". ")]


@pytest.mark.parametrize("seed", range(20))
def test_excerpts_are_made_of_whole_sentences_and_are_new(seed):
    found = make_excerpts(TEXTS, seed)
    assert found
    assert len({*found}) == len(found)
    assert not {*found} & {*TEXTS}
    assert all({*sentences(text)} <= SENTENCES for text in found)


def test_there_are_runs_of_one_text_and_pairs_of_two():
    found = {text for seed in range(50) for text in make_excerpts(TEXTS, seed)}
    assert "Two is there. Three is far." in found
    assert "Six is alone. Two is there." in found
    assert "One is here. Three is far." in found  # a pair may be of one text


def test_the_same_seed_makes_the_same_excerpts():
    assert make_excerpts(TEXTS, 3) == make_excerpts(TEXTS, 3)
    assert make_excerpts(TEXTS, 3) != make_excerpts(TEXTS, 4)


def test_there_are_none_of_nothing():
    assert make_excerpts([], 0) == []
    assert make_excerpts([" "], 0) == []
