"""Picks how this machine encodes fastest."""

from functools import cache

import torch

from training.encoder import Precision


def pick_dtype(precision: Precision, device: str) -> torch.dtype:
    """bfloat16 where the processor multiplies it in hardware, float32 elsewhere.

    A CPU that must emulate bfloat16 is several times slower in it than in float32.
    """
    if precision is Precision.AUTO:
        return torch.bfloat16 if has_fast_bfloat16(device) else torch.float32
    return torch.bfloat16 if precision is Precision.BFLOAT16 else torch.float32


def has_fast_bfloat16(device: str) -> bool:
    """Whether the device has instructions for bfloat16."""
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "cpu":
        return any(torch.cpu.get_capabilities().get(name) for name in ("amx_bf16", "avx512_bf16"))
    return False


def pick_device() -> str:
    """The accelerator that torch finds, or the CPU."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


@cache
def count_threads() -> int:
    """How many threads torch may use, as it was before any of them was given less."""
    return torch.get_num_threads()
