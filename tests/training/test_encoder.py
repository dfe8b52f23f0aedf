from threading import Barrier

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from tests.fakes import POISON, FakeEncoder
from training import sentence_encoder
from training.encoder import Precision, encode_texts, open_lanes
from training.errors import EncoderUnavailable
from training.precision import count_threads, pick_precision
from training.sentence_encoder import load_encoder
from training.weights import DEFAULT_ENCODER, DEFAULT_SHA256, find_encoder

TEXTS = [
    "Drones hit two substations overnight.",
    "Talks.",
    "The works will turn out twice as many shells a month by the summer, the director said. " * 3,
    "",
]


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(precision=Precision.FLOAT32)


def test_texts_come_back_in_their_order_whatever_the_batches():
    texts = [f"word{at} " * (1 + at * 7 % 11) for at in range(50)]
    fake = FakeEncoder()
    together = encode_texts(fake, texts, token_budget=30)
    apart = np.concatenate([encode_texts(fake, [text]) for text in texts])
    assert len(fake.calls) > 50
    np.testing.assert_array_equal(together, apart)


def test_as_many_calls_are_under_way_at_once_as_there_are_lanes():
    meeting = Barrier(3)

    class Meeting(FakeEncoder):
        def encode_batch(self, batch):
            meeting.wait(timeout=30)
            return super().encode_batch(batch)

    fake = Meeting(lanes=3)
    texts = [f"word{at}" for at in range(6)]
    together = encode_texts(fake, texts, token_budget=1)
    np.testing.assert_array_equal(together, encode_texts(FakeEncoder(), texts))
    assert len(fake.prepared) == 3


def test_after_a_call_that_fails_no_further_ones_begin():
    fake = FakeEncoder()
    with pytest.raises(RuntimeError, match="poisoned"):
        encode_texts(fake, [POISON, *["word"] * 500], token_budget=1)
    assert len(fake.calls) < 500


def test_a_lane_of_several_has_one_thread_and_leaves_others_theirs(encoder, monkeypatch):
    monkeypatch.setattr(encoder, "lanes", count_threads())
    before = torch.get_num_threads()
    with open_lanes(encoder) as lanes:
        inside = lanes.submit(torch.get_num_threads).result()
    assert (inside, torch.get_num_threads()) == (1, before)


def test_no_texts_give_an_array_of_no_rows():
    assert encode_texts(FakeEncoder(), []).shape == (0, 512)


def test_progress_ends_at_the_number_of_texts():
    told = []
    encode_texts(FakeEncoder(), ["a", "b b b"], 4, lambda done, total: told.append((done, total)))
    assert told[-1] == (2, 2)


def test_the_default_encoder_is_the_known_one_and_gives_unit_vectors(encoder):
    embeddings = encode_texts(encoder, TEXTS)
    assert encoder.reference.sha256 == DEFAULT_SHA256
    assert embeddings.shape == (4, 384)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)


def test_embeddings_equal_those_of_sentence_transformers(encoder):
    theirs = SentenceTransformer(str(find_encoder(DEFAULT_ENCODER)), device="cpu")
    expected = theirs.encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(encode_texts(encoder, TEXTS), expected, atol=1e-5)


def test_a_batch_of_many_equals_many_batches_of_one(encoder):
    apart = np.concatenate([encode_texts(encoder, [text]) for text in TEXTS])
    np.testing.assert_allclose(encode_texts(encoder, TEXTS), apart, atol=1e-5)


def test_bfloat16_agrees_with_float32(encoder):
    low = encode_texts(load_encoder(precision=Precision.BFLOAT16), TEXTS)
    assert (low * encode_texts(encoder, TEXTS)).sum(axis=1).min() > 0.99


def test_tokens_are_counted_in_full_and_encoded_up_to_the_limit(encoder):
    long = "substation " * 1000
    assert encoder.count_tokens([long, "a"])[0] >= 1000
    assert len(encoder.tokenize([long])[0]) == encoder.max_tokens + 2


def test_the_machine_decides_the_precision_unless_told(monkeypatch):
    def picked(precision: Precision, *instructions: str, device: str = "cpu") -> Precision:
        found = dict.fromkeys(instructions, True)
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
        return pick_precision(precision, device)

    assert picked(Precision.AUTO, "avx512_vnni", "avx512_bf16") is Precision.INT8
    assert picked(Precision.AUTO, "avx512_bf16") is Precision.BFLOAT16
    assert picked(Precision.AUTO, "avx2") is Precision.FLOAT32
    assert picked(Precision.AUTO, "avx512_vnni", device="mps") is Precision.FLOAT32
    assert picked(Precision.FLOAT32, "avx512_vnni") is Precision.FLOAT32
    assert picked(Precision.BFLOAT16, "avx2") is Precision.BFLOAT16


def test_an_encoder_that_can_not_be_had_in_8_bits_is_had_in_another_format(monkeypatch):
    monkeypatch.setattr(sentence_encoder, "compile_embedder", lambda *_: None)
    encoder = load_encoder()
    assert Precision.INT8 not in encoder.fingerprint.split()
    assert encode_texts(encoder, TEXTS).shape == (4, 384)
    with pytest.raises(EncoderUnavailable, match="can't be had in 8 bits"):
        load_encoder(precision=Precision.INT8)


def test_weights_that_are_not_the_expected_ones_are_refused():
    with pytest.raises(EncoderUnavailable, match="not the expected ones"):
        load_encoder(sha256="f" * 64)


def test_a_folder_without_weights_is_one_line(tmp_path):
    with pytest.raises(EncoderUnavailable, match="no weights"):
        load_encoder(str(tmp_path))


def test_a_name_that_nobody_knows_is_one_line(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderUnavailable, match="no folder here"):
        load_encoder("no such/encoder at all")


def test_a_folder_with_broken_weights_is_one_line(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"nonsense")
    (tmp_path / "modules.json").write_text("[]")
    with pytest.raises(EncoderUnavailable, match="can't be loaded"):
        load_encoder(str(tmp_path))
