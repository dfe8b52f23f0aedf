from service.labelling.live import go_live
from service.settings import Settings
from tests.fakes import FakeEncoder
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
        assert live.grouper is live.labeller
