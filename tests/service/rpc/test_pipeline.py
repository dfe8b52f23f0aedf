import asyncio

import pytest

from service.rpc.pipeline import answer_in_order


async def numbers(count):
    for number in range(count):
        yield number


async def test_answers_come_in_order_however_long_each_takes():
    async def answer(index, number):
        await asyncio.sleep(0.01 * (number % 3))
        return index, number

    got = [pair async for pair in answer_in_order(numbers(20), answer, 5)]
    assert got == [(number, number) for number in range(20)]


async def test_no_more_than_the_window_are_under_way():
    under_way = most = 0

    async def answer(_, __):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1

    assert len([None async for _ in answer_in_order(numbers(50), answer, 7)]) == 50
    assert most == 7


async def test_an_error_of_the_requests_ends_the_answers_after_those_before_it():
    async def broken():
        yield 1
        raise ValueError("broken")

    async def answer(_, number):
        return number

    answers = answer_in_order(broken(), answer, 5)
    assert await anext(answers) == 1
    with pytest.raises(ValueError, match="broken"):
        await anext(answers)


async def test_answers_that_nobody_waits_for_are_cancelled():
    cancelled = 0

    async def answer(index, _):
        nonlocal cancelled
        try:
            await asyncio.sleep(0 if index == 0 else 60)
        except asyncio.CancelledError:
            cancelled += 1
            raise

    answers = answer_in_order(numbers(10), answer, 4)
    await anext(answers)
    await asyncio.sleep(0.01)
    await answers.aclose()
    await asyncio.sleep(0.01)
    assert cancelled >= 3
