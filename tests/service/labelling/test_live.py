import asyncio

import pytest

from service.errors import NotReady
from service.labelling.live import ModelSlot, go_live
from service.settings import Settings
from tests.fakes import FakeEncoder
from training.article import Article
from training.evaluate import label_articles

ARTICLES = [
    Article(title="Outage spreads", body="The substation failed. " * 30 + "\nA summit follows."),
    Article(body="football recipe"),
    Article(title="Treaty talks", body=""),
]


async def test_an_article_is_labelled_as_it_is_without_a_server(model, encoder):
    async with go_live(1, model, encoder, Settings()) as live:
        labellings, _ = await live.label(ARTICLES)
    assert labellings == label_articles(model, FakeEncoder(), ARTICLES)


async def test_callers_at_the_same_time_get_what_they_would_get_alone(model, encoder):
    async with go_live(1, model, encoder, Settings()) as live:
        together = await asyncio.gather(*(live.label([article]) for article in ARTICLES * 20))
        alone, _ = await live.label(ARTICLES)
    assert [labellings[0] for labellings, _ in together] == alone * 20


async def test_the_encoder_is_warm_before_the_first_article(model, encoder):
    async with go_live(1, model, encoder, Settings()):
        assert encoder.calls == [1]


async def test_a_request_of_more_passages_than_the_queue_takes_is_answered(model, encoder):
    body = "\n".join(f"Paragraph number {at}." for at in range(3000))
    async with go_live(1, model, encoder, Settings(queue_limit=1024)) as live:
        [labelling], _ = await live.label([Article(body=body)])
    assert sum(encoder.calls) == 3001
    assert {*labelling.probabilities} == {"grid", "talks"}


async def test_an_empty_slot_says_that_the_model_is_not_ready():
    with pytest.raises(NotReady, match="still being loaded"):
        ModelSlot().get()
