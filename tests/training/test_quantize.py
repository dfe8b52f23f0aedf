import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from training.quantize import quantize

WEIGHTS = arrays(
    np.float32, array_shapes(min_dims=2, max_dims=2), elements=st.floats(-100, 100, width=32)
)


@given(WEIGHTS)
def test_a_weight_is_at_most_half_a_unit_off(weights):
    numbers, units = quantize(weights)
    assert numbers.dtype == np.int8
    assert units.shape == (len(weights), 1)
    assert (np.abs(numbers * units - weights) <= units * 0.5001).all()


@given(WEIGHTS)
def test_a_row_of_whole_numbers_uses_its_whole_range(weights):
    numbers, _ = quantize(weights)
    largest = np.abs(weights).max(axis=1)
    np.testing.assert_array_equal(np.abs(numbers).max(axis=1), np.where(largest > 1e-30, 127, 0))
