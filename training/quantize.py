"""Weights in 8 bits: whole numbers, and for each row what they count in."""

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13

STEPS = 127
"""From zero to the largest weight of a row."""


def quantize(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Each row in whole numbers [rows, columns], and its unit [rows, 1]: the nearest to it."""
    units = np.abs(weights).max(axis=1, keepdims=True) / np.float32(STEPS)
    units[units < np.finfo(np.float32).tiny] = 1  # such a row counts for nothing
    return np.rint(weights / units).astype(np.int8), units


def quantize_products(model: openvino.Model) -> None:
    """Puts the weights of every product of matrices in 8 bits; word vectors stay as they are."""
    for node in model.get_ordered_ops():
        if node.get_type_name() == "MatMul" and node.get_attributes()["transpose_b"]:
            weights = node.input_value(1).get_node()
            if weights.get_type_name() == "Constant":
                _replace(node, weights.data)
    model.validate_nodes_and_infer_types()


def _replace(product: openvino.Node, weights: NDArray[np.float32]) -> None:
    numbers, units = quantize(weights)
    whole = opset13.convert(opset13.constant(numbers), "f32")
    restored = opset13.multiply(whole, opset13.constant(units))
    product.input(1).replace_source_output(restored.output(0))
