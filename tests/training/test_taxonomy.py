import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import InvalidTaxonomy
from training.taxonomy import Taxonomy, Topic, builtin_taxonomy, load_taxonomy, parse_taxonomy

TOPIC = '[[topics]]\nid = "a"\nname = "n"\ndescription = "d"\n'

text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
topics = st.builds(
    Topic,
    id=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    name=text,
    description=text,
    seed_phrases=st.lists(text, max_size=3).map(tuple),
    target_recall=st.none() | st.floats(0.01, 0.99),
)


@given(st.lists(topics, min_size=1, max_size=4, unique_by=lambda topic: topic.id))
def test_a_taxonomy_survives_its_file(topics):
    taxonomy = Taxonomy(tuple(topics))
    assert parse_taxonomy(taxonomy.to_toml()) == taxonomy


def test_the_built_in_topics_are_the_three_promised():
    assert builtin_taxonomy().ids == ("infrastructure_attacks", "diplomacy", "arms_production")


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("topics = [", "t.toml: not TOML: "),
        ("", "t.toml: topics: Field required"),
        ("topics = []", "t.toml: topics: "),
        ('[[topics]]\nid = "A b"\nname = "n"\ndescription = "d"', "t.toml: topics[0].id: "),
        ('[[topics]]\nid = "a"\nname = " "\ndescription = "d"', "t.toml: topics[0].name: "),
        ('[[topics]]\nid = "a"\nname = "n"', "t.toml: topics[0].description: Field required"),
        ('[[topics]]\nid="a"\nname="n"\ndescription="d"\nx=1', "t.toml: topics[0].x: "),
        (f"{TOPIC}target_recall = 1.0", "t.toml: topics[0].target_recall: "),
        (f"{TOPIC}target_recall = 0.9\ntarget_precision = 0.9", "t.toml: topics[0]: Value error"),
    ],
)
def test_a_wrong_taxonomy_is_refused_with_file_and_field(toml, complaint):
    with pytest.raises(InvalidTaxonomy) as caught:
        parse_taxonomy(toml, "t.toml")
    assert str(caught.value).startswith(complaint)


def test_two_topics_of_one_id_are_refused():
    with pytest.raises(InvalidTaxonomy, match="two topics have the id a"):
        parse_taxonomy(TOPIC * 2)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(InvalidTaxonomy, match="No such file"):
        load_taxonomy(tmp_path / "none.toml")


def test_a_file_that_is_not_utf8_is_one_line(tmp_path):
    path = tmp_path / "t.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidTaxonomy, match="not UTF-8"):
        load_taxonomy(path)
