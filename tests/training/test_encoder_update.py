import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load

from training.encoder import Precision, encode_texts
from training.encoder_update import apply_update, pack_update
from training.sentence_encoder import load_encoder
from training.weights import DEFAULT_ENCODER, NEWS_ENCODER, untuned_name

BEFORE = {
    "matrix": torch.arange(12.0).reshape(3, 4),
    "vector": torch.ones(4),
    "words": torch.ones(5, 2),
    "positions": torch.arange(4),
}


def changed(**changes):
    return {**BEFORE, **changes}


@given(st.lists(st.floats(-1, 1, width=32), min_size=12, max_size=12))
def test_a_change_comes_back_to_a_254th_of_its_rows_largest(values):
    change = torch.tensor(values).reshape(3, 4)
    after = changed(matrix=BEFORE["matrix"] + change)
    found = apply_update(BEFORE, pack_update(BEFORE, after))["matrix"]
    tolerance = change.abs().amax(dim=1, keepdim=True) / 254 + 1e-5
    assert (torch.abs(found - after["matrix"]) <= tolerance).all()


def test_a_vector_comes_back_as_it_was_and_what_did_not_change_is_left_out():
    update = pack_update(BEFORE, changed(vector=torch.tensor([0.1, 0.2, 0.3, 0.4])))
    assert [*load(update)] == ["vector"]
    found = apply_update(BEFORE, update)
    assert found["vector"] == pytest.approx(torch.tensor([0.1, 0.2, 0.3, 0.4]))
    assert found["words"] is BEFORE["words"]


def test_an_update_of_another_encoder_is_an_error():
    update = pack_update(BEFORE, changed(matrix=BEFORE["matrix"] + 1))
    with pytest.raises(RuntimeError):
        apply_update({**BEFORE, "matrix": torch.ones(2, 9)}, update)
    with pytest.raises(KeyError):
        apply_update({"vector": torch.ones(4)}, update)


def test_the_news_encoder_is_another_than_the_one_it_was_made_from():
    news, default = (
        load_encoder(name, Precision.FLOAT32) for name in (NEWS_ENCODER, DEFAULT_ENCODER)
    )
    assert untuned_name(NEWS_ENCODER) == DEFAULT_ENCODER
    assert news.reference.sha256 != default.reference.sha256
    texts = ["The envoys met.", "The substation burnt.", "The shell works doubled output."]
    ours, theirs = encode_texts(news, texts), encode_texts(default, texts)
    between = [torch.triu(torch.tensor(e @ e.T), 1).sum() for e in (ours, theirs)]
    assert between[0] < between[1]
