import sqlite3

import numpy as np
import pytest

from tests.fakes import FakeEncoder
from training.embedding_cache import CachedEncoder
from training.encoder import encode_texts
from training.train import train_model

TEXTS = ["power grid outage", "talks", "football recipe garden", "talks"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "embeddings.sqlite"


def test_a_text_is_encoded_once_for_all_times(path):
    first = CachedEncoder(FakeEncoder(), path)
    made = encode_texts(first, TEXTS)
    again = CachedEncoder(FakeEncoder(), path)
    np.testing.assert_array_equal(encode_texts(again, TEXTS), made)
    np.testing.assert_array_equal(made, encode_texts(FakeEncoder(), TEXTS))
    assert (first.encoded, again.encoded) == (4, 0)


def test_only_what_is_new_is_encoded(path):
    encode_texts(CachedEncoder(FakeEncoder(), path), TEXTS)
    fake = FakeEncoder()
    encode_texts(CachedEncoder(fake, path), [*TEXTS, "summit"])
    assert fake.calls == [1]


def test_training_again_on_the_same_corpus_encodes_nothing(path, taxonomy, corpus):
    first = train_model(taxonomy, corpus, CachedEncoder(FakeEncoder(), path))
    fake = FakeEncoder()
    again = train_model(taxonomy, corpus, CachedEncoder(fake, path))
    assert fake.calls == []
    np.testing.assert_array_equal(again.model.heads.coefficients, first.model.heads.coefficients)


def test_another_encoder_finds_nothing_of_the_first(path):
    encode_texts(CachedEncoder(FakeEncoder(), path), TEXTS)
    other = FakeEncoder()
    other.fingerprint = "another"
    encode_texts(CachedEncoder(other, path), TEXTS)
    assert sum(other.calls) == len(TEXTS)


@pytest.mark.parametrize("broken", ["not a database", "a folder", "no folder to be"])
def test_where_the_file_is_of_no_use_all_is_encoded(path, broken):
    if broken == "no folder to be":
        path.parent.write_text("in the way")
    else:
        path.parent.mkdir()
        if broken == "a folder":
            path.mkdir()
        else:
            path.write_text("this is no database at all, and long enough to be seen as none\n" * 9)
    cached = CachedEncoder(FakeEncoder(), path)
    np.testing.assert_array_equal(encode_texts(cached, TEXTS), encode_texts(FakeEncoder(), TEXTS))


def test_two_writers_share_the_file(path):
    one, two = CachedEncoder(FakeEncoder(), path), CachedEncoder(FakeEncoder(), path)
    encode_texts(one, TEXTS[:2])
    encode_texts(two, TEXTS)
    with sqlite3.connect(path) as database:
        [count] = database.execute("SELECT count(*) FROM embeddings").fetchone()
    database.close()
    assert count == 3
    assert two.encoded == 1
