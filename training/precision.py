"""Picks how this machine encodes fastest."""

from collections.abc import Sequence
from functools import cache

import torch

from training.encoder import Precision

INT8 = ("avx512_vnni", "avx_vnni", "amx_int8")
"""Instructions that multiply numbers of 8 bits, in torch's names."""

BFLOAT16 = ("avx512_bf16", "amx_bf16")
"""The same for bfloat16."""

MOST_LANES = 8
"""Beyond it calls get more threads each; one text alone would wait too long for a single one."""


def pick_precision(precision: Precision, device: str, *, int8: bool = True) -> Precision:
    """What is asked for; if that is AUTO, the fastest for which the device has instructions.

    A processor that must emulate a format is several times slower in it than in float32.

    Args:
        precision: what is asked for.
        device: in torch's words.
        int8: whether AUTO may become INT8.
    """
    if precision is not Precision.AUTO:
        return precision
    if int8 and device == "cpu" and _can(INT8):
        return Precision.INT8
    return Precision.BFLOAT16 if has_fast_bfloat16(device) else Precision.FLOAT32


def pick_dtype(precision: Precision, device: str) -> torch.dtype:
    """Of all that is not multiplied in 8 bits; the precision is not AUTO."""
    if precision is Precision.INT8:
        return torch.bfloat16 if has_fast_bfloat16(device) else torch.float32
    return torch.bfloat16 if precision is Precision.BFLOAT16 else torch.float32


def has_fast_bfloat16(device: str) -> bool:
    """Whether the device has instructions for bfloat16."""
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device == "cpu" and _can(BFLOAT16)


def _can(names: Sequence[str]) -> bool:
    return any(torch.cpu.get_capabilities().get(name) for name in names)


def pick_device() -> str:
    """The accelerator that torch finds, or the CPU."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


@cache
def count_threads() -> int:
    """How many threads torch may use, as it was before any of them was given less."""
    return torch.get_num_threads()


def count_lanes() -> int:
    """How many encoder calls are best under way at once on the processor."""
    return min(count_threads(), MOST_LANES)
