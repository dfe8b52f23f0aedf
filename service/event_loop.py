"""Where a server's coroutines run."""

import asyncio
import sys
from collections.abc import Coroutine

if sys.platform == "win32":
    from asyncio import new_event_loop
else:  # it takes up calls quicker
    from uvloop import new_event_loop


def run(main: Coroutine[object, object, None]) -> None:
    """Runs it to its end, as `asyncio.run` does, in the quickest loop that there is here."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main)
