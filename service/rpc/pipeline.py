"""Answers a stream of requests side by side, in the order they came."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from typing import TypeVar

Request = TypeVar("Request")
Response = TypeVar("Response")


async def answer_in_order(
    requests: AsyncIterable[Request],
    answer: Callable[[int, Request], Awaitable[Response]],
    window: int,
) -> AsyncGenerator[Response]:
    """The answer to each request; no more than `window` are read ahead of the answers taken."""
    slots = asyncio.Semaphore(window)
    answers: asyncio.Queue[asyncio.Future[Response] | None] = asyncio.Queue()

    async def read() -> None:
        index = 0
        try:
            async for request in requests:
                await slots.acquire()
                answers.put_nowait(asyncio.ensure_future(answer(index, request)))
                index += 1
        finally:
            answers.put_nowait(None)

    reader = asyncio.create_task(read())
    try:
        while (pending := await answers.get()) is not None:
            yield await pending
            slots.release()
        await reader
    finally:
        reader.cancel()
        while not answers.empty():
            if left := answers.get_nowait():
                left.cancel()
