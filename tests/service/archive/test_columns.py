from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.archive.columns import Columns, parse_time, to_article
from service.archive.rows import BadRow

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def article(row, columns=Columns()):  # noqa: B008 - frozen
    return to_article(row, columns, default_id="news.csv:7", max_chars=100)


def test_usual_names_are_known_whatever_their_case():
    found = article(
        {
            "Headline": "Talks",
            "maintext": "They met.",
            "GUID": 17,
            "Date": "2026-11-22T12:00:00Z",
            "link": "https://a.example/b",
            "Publisher": "Wire",
            "lang": "uk",
            "colour": "blue",
        }
    )
    assert (found.title, found.body, found.id) == ("Talks", "They met.", "17")
    assert (found.published_at, found.url) == (NOON, "https://a.example/b")
    assert (found.source, found.language) == ("Wire", "uk")


def test_the_likeliest_column_that_says_anything_is_the_text():
    assert article({"summary": "short", "text": "whole", "body": ""}).body == "whole"


def test_a_column_that_was_named_is_the_only_one_looked_at():
    columns = Columns(body="Lead")
    assert article({"lead": "this", "body": "not this"}, columns).body == "this"
    with pytest.raises(BadRow, match="has no text; its columns are 'body'"):
        article({"body": "not this"}, columns)


def test_a_row_without_an_id_is_named_by_its_place():
    assert article({"title": "x"}).id == "news.csv:7"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "has no text; its columns are none"),
        ({"title": " ", "body": None}, "has no text"),
        ({"text": ["a", "list"]}, "text is not text"),
        ({"title": {"a": 1}, "text": "x"}, "title is not text"),
        ({"text": "x" * 101}, "has 101 characters, at most 100 fit"),
    ],
)
def test_a_row_that_is_no_article_says_why(row, reason):
    with pytest.raises(BadRow, match=reason):
        article(row)


def test_an_odd_language_or_date_is_left_out():
    found = article({"title": "x", "language": "?!", "date": "the day before"})
    assert (found.language, found.published_at) == ("en", None)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22T12:00:00Z",
        "2026-11-22 12:00",
        "2026-11-22T14:00:00+02:00",
        "22-NOV-2026 12:00:00.00",
        "Sun, 22 Nov 2026 12:00:00 GMT",
        1795348800,
        1795348800000,
        1795348800.0,
        datetime(2026, 11, 22, 12),
        NOON,
    ],
)
def test_times_are_understood_as_people_write_them(value):
    assert parse_time(value) == NOON


@given(st.none() | st.text() | st.integers() | st.floats() | st.booleans() | st.datetimes())
def test_whatever_stands_for_a_time_is_one_or_none(value):
    found = parse_time(value)
    assert found is None or found.tzinfo is UTC
