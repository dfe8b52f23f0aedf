"""Answers those who wait."""

import asyncio
from typing import TypeVar

Result = TypeVar("Result")


def settle(outcome: "asyncio.Future[Result]", result: Result | Exception) -> None:
    """Answers who awaits the outcome, unless they have left."""
    if outcome.done():
        return
    if isinstance(result, Exception):
        outcome.set_exception(result)
    else:
        outcome.set_result(result)
