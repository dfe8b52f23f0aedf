"""What tuning changed in an encoder, small enough to be shipped beside the code.

A weight matrix's change is kept as int8 [rows, columns] times a step for each row, 1/127 of the
row's largest change. Vectors, which are few, are kept as they are. Weights that did not change are
left out.
"""

from collections.abc import Mapping

import torch
from safetensors.torch import load, save

Weights = Mapping[str, torch.Tensor]

_STEPS = ".steps"
_STEP = ".step"
_LEVELS = 127


def pack_update(before: Weights, after: Weights) -> bytes:
    """The change from one state of an encoder to another, in the safetensors format."""
    arrays: dict[str, torch.Tensor] = {}
    for name, old in before.items():
        if not old.is_floating_point() or torch.equal(old, after[name]):
            continue
        change = after[name].float() - old.float()
        if change.ndim == 2:  # noqa: PLR2004 - a matrix
            step = change.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / _LEVELS
            arrays[name + _STEPS] = torch.round(change / step).to(torch.int8)
            arrays[name + _STEP] = step
        else:
            arrays[name] = change.contiguous()
    return save(arrays)


def apply_update(weights: Weights, content: bytes) -> dict[str, torch.Tensor]:
    """The weights with the change made, float32; those that did not change are the same.

    Raises KeyError or RuntimeError if the change is of an encoder of another shape.
    """
    arrays = load(content)
    changed = dict(weights)
    for name, array in arrays.items():
        if name.endswith(_STEP):
            continue
        target = name.removesuffix(_STEPS)
        change = array.float() * arrays[target + _STEP] if name.endswith(_STEPS) else array
        changed[target] = weights[target].float() + change
    return changed
