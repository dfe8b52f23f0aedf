import asyncio
from collections import Counter

from tests.server_process import classify, told


async def test_4000_callers_of_the_same_moment_are_all_answered(server):
    async with server.channel() as channel:
        calls = [told(classify(channel)) for _ in range(4000)]
        assert Counter(await asyncio.gather(*calls)) == {(1, "grid"): 4000}
