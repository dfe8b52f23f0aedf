import asyncio

import pytest

from service.errors import Overloaded
from service.labelling.live import go_live
from service.settings import Settings
from tests.fakes import FakeEncoder
from tests.waiting import until
from training.article import Article


async def test_a_tuned_encoder_labels_and_the_untuned_one_groups(model, encoder):
    untuned = FakeEncoder()
    async with go_live(1, model, encoder, Settings(), untuned) as live:
        before = sum(encoder.calls), sum(untuned.calls)
        await live.label([Article(body="power grid")])
        assert (sum(encoder.calls), sum(untuned.calls)) == (before[0] + 1, before[1])
        await live.embed([Article(body="power grid"), Article(body="talks")])
        assert (sum(encoder.calls), sum(untuned.calls)) == (before[0] + 1, before[1] + 2)


async def test_one_encoder_does_both_if_it_is_not_tuned(model, encoder):
    async with go_live(1, model, encoder, Settings()) as live:
        assert live.grouper.encoder is live.labeller.encoder
        assert live.grouper.batcher is live.labeller.batcher


async def test_titles_are_read_with_what_follows_for_labels_and_apart_for_groups(model, encoder):
    article = Article(title="Grid report", body="Half of the city is dark.")
    async with go_live(1, model, encoder, Settings()) as live:
        [[passage]], _ = await live.labeller.read([article])
        [apart], _ = await live.grouper.read([article])
    assert passage.reading == "Grid report. Half of the city is dark."
    assert [each.reading for each in apart] == ["Grid report", "Half of the city is dark."]


async def test_of_what_would_wait_too_long_nothing_is_read(model, encoder, monkeypatch):
    async with go_live(1, model, encoder, Settings(queue_seconds=1e-9)) as live:
        encoder.entered.clear()
        encoder.gate.clear()
        under_way = asyncio.create_task(live.label([Article(body="power")]))
        await asyncio.to_thread(encoder.entered.wait)
        waiting = asyncio.create_task(live.label([Article(body="grid")]))
        await until(lambda: live.labeller.batcher.waiting > 0)
        with monkeypatch.context() as patch:
            patch.setattr(encoder, "tokenize", None)
            with pytest.raises(Overloaded, match="seconds behind"):
                await live.label([Article(body="outage")])
        encoder.gate.set()
        assert [len(labellings) for labellings, _ in await asyncio.gather(under_way, waiting)] == [
            1,
            1,
        ]
