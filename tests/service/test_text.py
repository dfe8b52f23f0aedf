from hypothesis import example, given
from hypothesis import strategies as st

from service.text import shorten


@given(st.text(), st.integers(1, 20))
@example("fits", 4)
def test_a_text_comes_whole_if_it_fits_or_else_its_beginning_and_an_ellipsis(text, most):
    short = shorten(text, most)
    if len(text) <= most:
        assert short == text
    else:
        assert len(short) == most
        assert short[-1] == "…"
        assert text.startswith(short[:-1])
