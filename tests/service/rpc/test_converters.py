from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from service.rpc.converters import from_classification, to_article, to_classification
from service.rpc.requests import read_article
from training.article import Article
from training.labels import Evidence, Label, Labelling
from training.passages import Field, Passage

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
shares = st.floats(0, 1)
passages = st.builds(
    Passage,
    field=st.sampled_from(Field),
    start=st.integers(0, 9),
    end=st.integers(10, 99),
    text=text,
)
labels = st.builds(
    Label,
    topic=text,
    probability=shares,
    threshold=shares,
    evidence=st.lists(st.builds(Evidence, passages, shares), max_size=3).map(tuple),
)
labellings = st.builds(
    Labelling,
    labels=st.lists(labels, max_size=3).map(tuple),
    probabilities=st.dictionaries(text, shares, max_size=3),
)
articles = st.builds(
    Article,
    title=text,
    body=text.map(lambda body: "x" + body),
    id=text,
    source=text,
    url=text,
    language=st.sampled_from(["en", "uk-UA", "zh-Hant"]),
    published_at=st.none()
    | st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)),
)


@given(articles)
def test_an_article_survives_the_wire(article):
    assert read_article(to_article(article), max_chars=100) == article


@given(labellings)
def test_a_labelling_survives_the_wire(labelling):
    assert from_classification(to_classification(Article(body="x"), labelling)) == labelling
