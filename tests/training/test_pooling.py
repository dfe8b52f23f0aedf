import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.pooling import pool_passages


@given(st.lists(st.integers(0, 5), max_size=20))
def test_each_article_gets_a_unit_vector_or_zeros(counts):
    random = np.random.default_rng(len(counts))
    pooled = pool_passages(random.random((sum(counts), 4), dtype=np.float32), counts)
    expected = [float(count > 0) for count in counts]
    np.testing.assert_allclose(np.linalg.norm(pooled, axis=1), expected, atol=1e-6)


def test_the_lead_weighs_most():
    pooled = pool_passages(np.eye(3, dtype=np.float32), [3])[0]
    np.testing.assert_allclose(pooled / pooled[0], [1, 2**-0.5, 3**-0.5], rtol=1e-6)
