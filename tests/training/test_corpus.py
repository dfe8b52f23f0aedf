import json
import re
from collections import Counter, defaultdict
from itertools import combinations

import pytest

from training.corpus import Corpus, builtin_corpus, load_corpus, tuning_corpus
from training.errors import InvalidCorpus
from training.taxonomy import builtin_taxonomy

NEAR = 0.4


def test_rows_come_in_order_with_their_labels(taxonomy, write_jsonl):
    path = write_jsonl({"text": "a", "labels": ["talks"]}, {"text": "b", "labels": [], "id": "7"})
    corpus = load_corpus([path], taxonomy)
    assert corpus.texts == ["a", "b"]
    assert corpus.targets(taxonomy).tolist() == [[False, True], [False, False]]
    assert corpus.rows[1].id == "7"


def test_all_bad_rows_of_all_files_are_reported_by_file_line_and_field(taxonomy, tmp_path):
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    first.write_bytes(b'{"text": "x", "labels": []}\n{"labels": []}\n\n{"text": 5, "labels": []}\n')
    second.write_bytes(
        b'{"text": "x", "labels": ["nope"]}\nnot json\n{"text": "\xff", "labels": []}\n'
        b'{"text": " ", "labels": []}\n[]\n{"text": "x", "labels": "talks"}\n'
    )
    with pytest.raises(InvalidCorpus) as caught:
        load_corpus([first, second, tmp_path / "none.jsonl"], taxonomy)
    assert [problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems] == [
        "a.jsonl:2: text: Field required",
        "a.jsonl:4: text: Input should be a valid string",
        "b.jsonl:1: labels: not in the taxonomy: nope",
        "b.jsonl:2: not JSON: Expecting value at column 1",
        "b.jsonl:3: not UTF-8 text",
        "b.jsonl:4: text: is empty",
        "b.jsonl:5: row: Input should be a valid dictionary or instance of LabelledText",
        "b.jsonl:6: labels: Input should be a valid tuple",
        "none.jsonl: No such file or directory",
    ]


def test_the_fingerprint_tells_texts_and_labels_but_not_ids(taxonomy, write_jsonl):
    def sha(**row):
        return load_corpus([write_jsonl({"text": "a", "labels": [], **row})], taxonomy).sha256

    assert sha() == sha(id="other")
    assert len({sha(), sha(text="b"), sha(labels=["talks"])}) == 3


@pytest.fixture(scope="module")
def rows():
    taxonomy = builtin_taxonomy()
    return (*builtin_corpus(taxonomy).rows, *tuning_corpus(taxonomy).rows)


def test_the_built_in_corpus_is_large_and_has_more_negatives_than_positives(rows):
    assert len(rows) >= 400
    assert sum(not row.labels for row in rows) >= len(rows) / 2
    assert sum(len(row.labels) > 1 for row in rows) >= 150
    support = Counter(label for row in rows for label in row.labels)
    assert min(support[topic] for topic in builtin_taxonomy().ids) >= 250


def test_every_built_in_passage_has_its_own_id_and_a_source(rows):
    assert len({row.id for row in rows}) == len(rows)
    assert all(row.id.startswith(f"{row.source}-") for row in rows)


def test_no_two_built_in_passages_are_nearly_the_same(rows):
    trigrams = [_trigrams(row.text) for row in rows]
    places = defaultdict(list)
    for at, found in enumerate(trigrams):
        for trigram in found:
            places[trigram].append(at)
    shared = Counter(pair for found in places.values() for pair in combinations(found, 2))
    near = [
        (rows[a].id, rows[b].id)
        for (a, b), count in shared.items()
        if count > 2 and count / min(len(trigrams[a]), len(trigrams[b])) > NEAR
    ]
    assert near == []


def _trigrams(text):
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + 3]) for at in range(max(1, len(words) - 2))}


def test_targets_of_an_empty_corpus_have_a_column_for_each_topic(taxonomy):
    assert Corpus(()).targets(taxonomy).shape == (0, 2)


def test_a_deeply_nested_row_is_reported(taxonomy, tmp_path):
    path = tmp_path / "deep.jsonl"
    path.write_text("[" * 100_000)
    with pytest.raises(InvalidCorpus, match="not JSON"):
        load_corpus([path], taxonomy)


def test_unknown_fields_of_a_row_are_left_alone(taxonomy, tmp_path):
    path = tmp_path / "more.jsonl"
    path.write_text(json.dumps({"text": "a", "labels": [], "unsure": True}))
    assert load_corpus([path], taxonomy).texts == ["a"]
