import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from training.article import Article
from training.passages import Field, split_article, split_articles

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
texts = st.one_of(
    st.text(max_size=300),
    st.lists(words, max_size=60).map(" ".join),
    st.lists(words, max_size=40).map(". ".join),
    st.lists(words, max_size=30).map(".\n".join),
)


def count_words(texts):
    return [len(text.split()) for text in texts]


def split_text(text, language, count_tokens, most):
    passages = split_article(Article(body=text, language=language), count_tokens, most)
    return [(passage.start, passage.end) for passage in passages]


def parts_of(passages):
    """The passages with the titles that are read with them."""
    return [part for passage in passages for part in (passage.title, passage) if part]


@given(texts, texts, st.integers(1, 20))
@example("😀 One. Two.", "Naïve é.\r\n\r\nThree.", 2)
@example("J\u00a0. R\u2003. K", "B\u2028.", 2)
def test_a_passage_is_the_code_points_of_its_field_between_its_offsets(title, body, most):
    article = Article(title=title, body=body)
    for passage in parts_of(split_article(article, count_words, most)):
        field = title if passage.field is Field.TITLE else body
        assert field[passage.start : passage.end] == passage.text != ""


@given(texts, st.integers(1, 20))
def test_passages_are_in_order_and_leave_out_nothing_but_white_space(text, most):
    spans = split_text(text, "en", count_words, most)
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    assert all(text[end:start].strip() == "" for end, start in zip(ends, starts, strict=True))
    assert starts == sorted(starts)


@given(texts, st.integers(1, 20))
def test_a_passage_fits_unless_it_is_a_single_character(text, most):
    for start, end in split_text(text, "en", count_words, most):
        assert count_words([text[start:end]])[0] <= most or end - start == 1


@given(texts, texts, st.integers(1, 20))
def test_a_title_is_read_with_the_first_of_the_body_or_alone(title, body, most):
    article = Article(title=title, body=body)
    passages = split_article(article, count_words, most)
    assert not any(passage.title for passage in passages[1:])
    parts = [(part.field, part.start, part.end) for part in parts_of(passages)]
    alone = [split_article(Article(title=title), count_words, most)]
    assert parts[: len(alone[0])] == [(each.field, each.start, each.end) for each in alone[0]]
    for passage in passages:
        assert count_words([passage.reading])[0] <= most or passage.end - passage.start == 1


def test_a_title_is_read_with_as_much_of_the_first_paragraph_as_fits():
    article = Article(title="Talks begin", body="One two three. Four five six.\nSeven eight.")
    passages = split_article(article, count_words, 9)
    assert [passage.reading for passage in passages] == [
        "Talks begin. One two three. Four five six.",
        "Seven eight.",
    ]
    passages = split_article(article, count_words, 8)
    assert [passage.reading for passage in passages] == [
        "Talks begin. One two three.",
        "Four five six.",
        "Seven eight.",
    ]
    passages = split_article(article, count_words, 5)
    assert passages[0].reading == "Talks begin"
    assert passages[1].title is None


@pytest.mark.parametrize("title", ["Talks?", "Talks!", "Talks.", "会谈。"])
def test_a_title_that_has_a_stop_gets_no_other(title):
    [passage] = split_article(Article(title=title, body="They end."), count_words, 9)
    assert passage.reading == f"{title} They end."


def test_a_sentence_that_fits_is_not_split():
    text = "One two three. Four five six. Seven eight nine."
    spans = split_text(text, "en", count_words, 4)
    assert [text[start:end] for start, end in spans] == [
        "One two three.",
        "Four five six.",
        "Seven eight nine.",
    ]


def test_sentences_of_a_paragraph_share_a_passage_as_long_as_they_fit():
    text = "One two three. Four five six. Seven eight nine."
    spans = split_text(text, "en", count_words, 6)
    assert [text[start:end] for start, end in spans] == [
        "One two three. Four five six.",
        "Seven eight nine.",
    ]


def test_the_end_of_a_paragraph_ends_a_passage():
    text = "By our correspondent\n\nShells fell.\nTalks began.\n\nShare this"
    spans = split_text(text, "en", count_words, 50)
    assert [text[start:end] for start, end in spans] == [
        "By our correspondent",
        "Shells fell.",
        "Talks began.",
        "Share this",
    ]


def test_a_line_break_within_a_sentence_splits_nothing():
    text = "Showers continued throughout\nthe week in the zone."
    assert split_text(text, "en", count_words, 50) == [(0, len(text))]


def test_a_sentence_that_overflows_is_cut_between_words():
    text = "one two three four five six seven eight"
    spans = split_text(text, "en", count_words, 3)
    assert " ".join(text[start:end] for start, end in spans) == text
    assert all(count_words([text[start:end]])[0] <= 3 for start, end in spans)


def test_a_text_without_words_has_no_passages():
    assert split_article(Article(title=" \n", body="\t"), count_words, 5) == []


@given(st.lists(st.tuples(texts, texts), max_size=4), st.integers(1, 20))
def test_articles_that_are_split_together_are_split_as_each_alone(parts, most):
    articles = [Article(title=title, body=body) for title, body in parts]
    alone = [split_article(article, count_words, most) for article in articles]
    assert split_articles(articles, count_words, most) == alone


def test_an_unknown_language_is_split_all_the_same():
    assert len(split_text("One. Two.", "xx-Abcd", count_words, 1)) == 2
