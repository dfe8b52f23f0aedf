from datetime import UTC, datetime, timedelta

from service.rpc.async_client import AsyncClient
from tests.streams import take
from training.article import Article

HOURS = (0, 1, -1, 8760, -8760)
"""By which the clock is wrong, in turns."""
TITLES = ("blackout", "summit", "blackout substation", "summit treaty", "football")
STORIES = [1, 2, 1, 2, 3]


def article(at, number):
    published = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=number)
    return Article(id=f"a{number}", title=TITLES[at], published_at=published)


async def test_while_the_clock_jumps_25_of_25_articles_are_in_their_stories_and_events_in_order(
    start,
):
    server = start()
    async with server.channel() as channel:
        client, placed = AsyncClient(channel), []
        for turn, off in enumerate(HOURS):
            (server.faults / "clock").write_text(str(off))
            placed += [await client.assign_story(article(at, 5 * turn + at)) for at in range(5)]
        happened = await take(client.watch_stories("0"), 25)
    assert [each.story for each in placed] == STORIES * 5
    assert [each.articles[0].article_id for each in happened] == [f"a{at}" for at in range(25)]
    assert [int(each.token) for each in happened] == [*range(1, 26)]
    days = [round((each.at - happened[0].at) / timedelta(days=1)) for each in happened[::5]]
    assert days == [0, 0, 0, 365, -365]  # so it did jump
