import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidRequest
from service.rpc.paging import fetch_page, page


@given(st.lists(st.integers(), unique=True, max_size=40), st.integers(1, 10))
def test_following_the_tokens_gives_every_item_once_and_in_order(items, size):
    got: list[int] = []
    token = ""
    while True:
        shown, token = page(items, str, size, token)
        got += shown
        if not token:
            break
    assert got == items


@given(st.integers(0, 40), st.integers(1, 10))
def test_a_list_that_is_not_read_whole_gives_every_item_once_and_in_order(length, count):
    def behind(start):
        return lambda most: range(start, length)[:most]

    got: list[int] = []
    token = "0"
    while token:
        shown, token = fetch_page(behind(int(token)), lambda item: item + 1, count)
        assert len(shown) <= count
        got += shown
    assert got == [*range(length)]


def test_a_page_size_of_zero_is_the_default():
    assert len(page(range(500), str, 0, "")[0]) == 100


@pytest.mark.parametrize(("size", "token"), [(-1, ""), (1001, ""), (1, "nope")])
def test_wrong_sizes_and_tokens_are_refused(size, token):
    with pytest.raises(InvalidRequest):
        page([1, 2], str, size, token)
