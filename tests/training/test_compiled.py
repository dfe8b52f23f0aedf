import numpy as np
import pytest
import torch

from training.compiled import compiled
from training.encoder import Precision
from training.sentence_encoder import load_encoder


@pytest.fixture(scope="module")
def encoder():
    encoder = load_encoder(precision=Precision.FLOAT32)
    encoder.compile()
    return encoder


class Counting(torch.nn.Module):
    """Has a step that depends on what it reads, which tracing takes for a constant."""

    def forward(self, ids, mask):
        return ids.float() * int(mask.sum())


def test_what_is_compiled_gives_the_same_on_batches_of_any_shape(encoder):
    draw = np.random.default_rng(0)
    for texts, longest in [(1, 1), (1, 512), (2, 7), (7, 60), (33, 21)]:
        lengths = [longest, *draw.integers(1, longest + 1, texts - 1)]
        batch = [draw.integers(1000, 20_000, length).tolist() for length in lengths]
        with torch.inference_mode():
            expected = encoder.embed(batch).numpy()
        np.testing.assert_allclose(encoder.encode_batch(batch), expected, atol=1e-5)


def test_the_default_encoder_is_compiled(encoder):
    assert isinstance(compiled(encoder.embedder), torch.jit.ScriptModule)


def test_it_is_compiled_in_silence(capfd):
    load_encoder(precision=Precision.BFLOAT16).compile()
    assert capfd.readouterr() == ("", "")


def test_what_can_not_be_compiled_goes_step_by_step():
    module = Counting()
    assert compiled(module) is module


def test_weights_that_change_afterwards_are_used(encoder):
    tuned = encoder.copy()
    tuned.compile()
    batch = [[101, 2000, 102]]
    before = tuned.encode_batch(batch)
    with torch.no_grad():
        for weights in tuned.tunable():
            weights.add_(0.05 * torch.randn_like(weights))
    assert np.abs(tuned.encode_batch(batch) - before).max() > 1e-3
    with torch.inference_mode():
        expected = tuned.embed(batch).numpy()
    np.testing.assert_allclose(tuned.encode_batch(batch), expected, atol=1e-5)
