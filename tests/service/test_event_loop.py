import asyncio
import sys

import pytest

from service.event_loop import run


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not run on Windows")
def test_a_server_runs_in_uvloop():
    loops = []

    async def main() -> None:
        loops.append(type(asyncio.get_running_loop()).__module__)

    run(main())
    assert loops == ["uvloop"]
