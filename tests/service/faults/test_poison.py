import asyncio
from collections import Counter

from grpc import StatusCode

from tests.fakes import POISON
from tests.server_process import classify, told, until


async def test_a_text_that_breaks_the_model_fails_50_of_50_times_and_1000_others_never(server):
    async def all_wait():
        return await server.waiting() == 1050

    async with server.channel() as channel:
        async with server.busy():
            bad = [told(classify(channel, f"outage {POISON}")) for _ in range(50)]
            good = [told(classify(channel, "outage")) for _ in range(1000)]
            await until(all_wait)
        failed = Counter(await asyncio.gather(*bad))
        answered = Counter(await asyncio.gather(*good))
    assert failed == {StatusCode.INTERNAL: 50}
    assert answered == {(1, "grid"): 1000}
