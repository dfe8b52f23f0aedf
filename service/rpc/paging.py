"""Pages of lists whose entries may come and go between two calls."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from service.errors import InvalidRequest, Violation

DEFAULT_SIZE = 100
MAX_SIZE = 1000

Item = TypeVar("Item")


def read_page_size(size: int, default: int = DEFAULT_SIZE) -> int:
    """How many items a page has at most; raises InvalidRequest."""
    if not 0 <= size <= MAX_SIZE:
        raise InvalidRequest([Violation("page_size", f"is {size}, must be 0 to {MAX_SIZE}")])
    return size or default


def page(
    items: Sequence[Item], name: Callable[[Item], str], size: int, token: str
) -> tuple[Sequence[Item], str]:
    """One page, and the token of the next or "" after the last.

    Args:
        items: the whole list.
        name: what tells an item from the others; a token names the last item of its page.
        size: most items on the page; 0 for the default.
        token: that of the page before, or "" for the first.
    """
    count = read_page_size(size)
    names = [name(item) for item in items]
    if token and token not in names:
        raise _unknown("page_token")
    start = names.index(token) + 1 if token else 0
    end = start + count
    return items[start:end], names[end - 1] if end < len(items) else ""


def fetch_page(
    fetch: Callable[[int], Sequence[Item]], number: Callable[[Item], int], count: int
) -> tuple[Sequence[Item], str]:
    """One page of a list that is not read whole, and the token of the next or "" after the last.

    Args:
        fetch: gives the next items of the list, at most as many as it is asked for.
        number: what tells an item from the others; a token holds that of the page's last item.
        count: most items on the page.
    """
    found = fetch(count + 1)
    return found[:count], str(number(found[count - 1])) if len(found) > count else ""


def read_number(token: str, field: str = "page_token") -> int | None:
    """The number that a token stands for, None for ""; raises InvalidRequest."""
    if not re.fullmatch(r"[0-9]{0,18}", token):
        raise _unknown(field)
    return int(token) if token else None


def _unknown(field: str) -> InvalidRequest:
    return InvalidRequest([Violation(field, "is not a token that was given out")])
