import gc
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread, get_native_id

import numpy as np
import pytest
import torch

from service.processor import STEPS_BACK, stand_back
from training.compiled import Embedder, compile_embedder
from training.encoder import Precision, encode_texts
from training.sentence_encoder import load_encoder

DRAW = np.random.default_rng(0)


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(precision=Precision.FLOAT32)


@pytest.fixture(scope="module")
def int8():
    return load_encoder(precision=Precision.INT8)


class Counting(torch.nn.Module):
    """Has a step that depends on what it reads, which tracing takes for a constant."""

    def forward(self, ids, mask):
        return torch.nn.functional.normalize(ids.float() - int(mask.sum()) * 1000, dim=1)[:, :1]


class Unknown(torch.nn.Module):
    """Has a step that can't be converted."""

    def forward(self, ids, mask):
        return torch.linalg.eigvals(ids.float()[:1, :1] * mask[:1, :1]).real[:, None]


def draw_batch(texts, longest):
    lengths = [longest, *DRAW.integers(1, longest + 1, texts - 1)]
    return [DRAW.integers(1000, 20_000, length).tolist() for length in lengths]


@pytest.mark.parametrize("shape", [(1, 1), (1, 512), (2, 7), (7, 60), (33, 21)])
def test_what_is_compiled_gives_the_same_on_batches_of_any_shape(encoder, shape):
    batch = draw_batch(*shape)
    with torch.inference_mode():
        expected = encoder.embed(batch).numpy()
    np.testing.assert_allclose(encoder.encode_batch(batch), expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 512), (2, 7), (7, 60), (33, 21)])
def test_in_8_bits_vectors_are_nearly_the_same(encoder, int8, shape):
    batch = draw_batch(*shape)
    cosines = (encoder.encode_batch(batch) * int8.encode_batch(batch)).sum(axis=1)
    assert 0.98 < cosines.min() <= cosines.max() < 1 - 1e-6


def test_in_8_bits_a_vector_hardly_depends_on_what_it_is_batched_with(int8):
    batch = draw_batch(9, 40)
    together = int8.encode_batch(batch)
    apart = np.concatenate([int8.encode_batch([each]) for each in batch])
    assert (together * apart).sum(axis=1).min() > 0.998


def test_calls_of_several_threads_do_not_mix(encoder):
    texts = [f"Report {number} on the {'river ' * (number % 7)}dam." for number in range(64)]
    together = encode_texts(encoder, texts, token_budget=40)
    np.testing.assert_allclose(together, encode_texts(encoder, texts), atol=1e-5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell threads apart")
def test_its_threads_stand_back_if_the_first_caller_does():
    encoder = load_encoder(precision=Precision.FLOAT32)
    encoder_threads = set[int]()

    def call() -> None:
        stand_back()
        before = {get_native_id(), *threads()}
        encoder.encode_batch([[101, 2000, 102]])
        encoder_threads.update(threads() - before)

    caller = Thread(target=call)
    caller.start()
    caller.join()
    assert encoder_threads or encoder.lanes == 1
    assert {os.getpriority(os.PRIO_PROCESS, each) for each in encoder_threads} <= {STEPS_BACK}


def threads():
    return {int(each.name) for each in Path("/proc/self/task").iterdir()}


@pytest.mark.parametrize("module", [Counting(), Unknown()])
def test_what_can_not_be_compiled_is_not(module):
    assert compile_embedder(module, Precision.FLOAT32, 1, 1) is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads how much memory is in use as Linux says")
def test_memory_does_not_grow_with_every_encoder_that_is_compiled(encoder):
    module = Embedder(encoder.copy().model)
    in_use = []
    for _ in range(6):
        assert compile_embedder(module, Precision.INT8, 1, 1)
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        in_use.append(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
    assert in_use[-1] - in_use[1] < 14


def test_it_is_compiled_in_silence(capfd):
    load_encoder(precision=Precision.INT8).encode_batch([[101, 102]])
    assert capfd.readouterr() == ("", "")


def test_a_copy_uses_weights_that_change_afterwards(encoder):
    tuned = encoder.copy()
    batch = [[101, 2000, 102]]
    before = tuned.encode_batch(batch)
    np.testing.assert_allclose(before, encoder.encode_batch(batch), atol=1e-5)
    with torch.no_grad():
        for weights in tuned.tunable():
            weights.add_(0.05 * torch.randn_like(weights))
    assert np.abs(tuned.encode_batch(batch) - before).max() > 1e-3


def test_nothing_is_reported_to_the_maker_of_what_it_is_compiled_with():
    code = "import training.compiled, sys; print(sys.modules['openvino_telemetry'])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "None\n"
