"""Reads what comes as a stream."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

Item = TypeVar("Item")


async def take(stream: AsyncIterator[Item], count: int | None = None) -> list[Item]:
    """The first so many items, or all of them; the rest is let go."""
    found: list[Item] = []
    async for each in stream:
        found.append(each)
        if len(found) == count:
            break
    if isinstance(stream, AsyncGenerator):
        await stream.aclose()
    return found
