"""Waits for a state that no event tells of."""

import asyncio
from collections.abc import Callable
from time import monotonic, sleep


async def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Lets others go on until it is so; raises TimeoutError after that long."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.005)


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Blocks until it is so; raises TimeoutError after that long."""
    end = monotonic() + seconds
    while not is_so():
        if monotonic() > end:
            raise TimeoutError
        sleep(0.01)
