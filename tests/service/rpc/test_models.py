from contextlib import asynccontextmanager

import grpc
import pytest
from topicwire.v1 import articles_pb2, classification_pb2
from topicwire.v1 import models_pb2 as pb
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.models_pb2_grpc import ModelServiceStub

from tests.fake_opener import FakeOpener

REQUEST = classification_pb2.ClassifyRequest(articles=[articles_pb2.Article(body="outage")])


async def test_models_are_listed_newest_first_page_by_page(serving, model):
    async with serving() as running:
        running.store.publish(model)
        running.store.publish(model)
        stub = ModelServiceStub(running.channel)
        first = await stub.ListModels(pb.ListModelsRequest(page_size=2))
        running.store.publish(model)
        rest = await stub.ListModels(pb.ListModelsRequest(page_token=first.next_page_token))
    assert [found.number for found in [*first.models, *rest.models]] == [3, 2, 1]
    assert rest.next_page_token == ""


async def test_a_model_is_described_as_its_manifest_has_it(serving, model):
    async with serving() as running:
        stub = ModelServiceStub(running.channel)
        found = (await stub.GetModel(pb.GetModelRequest())).model
    assert (found.number, [*found.aliases], found.live) == (1, ["current"], True)
    assert found.create_time.ToDatetime() == model.manifest.created_at.replace(tzinfo=None)
    assert (found.encoder.name, found.encoder.dimension) == ("fake", 512)
    assert [topic.topic_id for topic in found.topics] == ["grid", "talks"]
    assert found.macro_f1 == model.metrics.macro_f1
    assert found.corpus_size == model.manifest.corpus.size


async def test_the_model_in_use_says_what_it_has_said_and_what_it_said_of_its_corpus(
    serving, model
):
    async with serving() as running:
        running.store.publish(model)
        answers = ClassificationServiceStub(running.channel)
        given = [
            label.probability
            for text in ("outage", "football outage", "football")
            for label in (
                await answers.Classify(
                    classification_pb2.ClassifyRequest(articles=[articles_pb2.Article(body=text)])
                )
            )
            .classifications[0]
            .labels
            if label.topic_id == "grid"
        ]
        stub = ModelServiceStub(running.channel)
        live = (await stub.GetModel(pb.GetModelRequest())).model
        other = (await stub.GetModel(pb.GetModelRequest(number=2))).model
    hours = [*live.hours]  # two, if the clock struck meanwhile
    assert sum(hour.articles for hour in hours) == 3
    told = [(hour.articles * each.share, each) for hour in hours for each in hour.topics]
    assert sum(count for count, _ in told) == pytest.approx(len(given))
    assert sum(count * each.mean_probability for count, each in told) == pytest.approx(sum(given))
    assert {each.topic_id for _, each in told} == {"grid"}
    grid = model.metrics.topics["grid"]
    assert (live.topics[0].share, live.topics[0].mean_probability) == (
        grid.share,
        grid.mean_probability,
    )
    assert not other.hours


async def test_a_model_is_found_by_number_and_by_alias(serving, model):
    async with serving() as running:
        running.store.promote(running.store.publish(model))
        stub = ModelServiceStub(running.channel)
        by_number = await stub.GetModel(pb.GetModelRequest(number=2))
        by_alias = await stub.GetModel(pb.GetModelRequest(alias="previous"))
    assert (by_number.model.number, by_number.model.live) == (2, False)
    assert (by_alias.model.number, by_alias.model.live) == (1, True)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (pb.GetModelRequest(number=9), grpc.StatusCode.NOT_FOUND),
        (pb.GetModelRequest(alias="canary"), grpc.StatusCode.NOT_FOUND),
        (pb.GetModelRequest(number=0), grpc.StatusCode.INVALID_ARGUMENT),
        (pb.GetModelRequest(number=-1), grpc.StatusCode.INVALID_ARGUMENT),
        (pb.GetModelRequest(alias="../1"), grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_a_model_that_is_not_there_is_answered_with_the_right_status(serving, request_, code):
    async with serving() as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ModelServiceStub(running.channel).GetModel(request_)
    assert caught.value.code() is code


async def test_a_damaged_model_is_refused_alone(serving, model):
    async with serving() as running:
        number = running.store.publish(model)
        (running.store.root / str(number) / "taxonomy.toml").write_text("")
        stub = ModelServiceStub(running.channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetModel(pb.GetModelRequest(number=number))
        listed = await stub.ListModels(pb.ListModelsRequest())
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert [found.number for found in listed.models] == [1]


@pytest.fixture
def rotating(serving, model):
    """A server of two models with the first in use, that can be told to use the other."""

    @asynccontextmanager
    async def start():
        async with serving() as running:
            running.store.publish(model)
            opener = FakeOpener(running.store, running.live.labeller.encoder)
            async with running.server.rotate(opener):
                yield running

    return start


async def test_a_model_is_promoted_and_rolled_back_in_one_call(rotating):
    async with rotating() as running:
        stub = ModelServiceStub(running.channel)
        promoted = (await stub.PromoteModel(pb.PromoteModelRequest(number=2))).model
        answered = await ClassificationServiceStub(running.channel).Classify(REQUEST)
        rolled_back = (await stub.RollbackModel(pb.RollbackModelRequest())).model
    assert (promoted.number, promoted.live, [*promoted.aliases]) == (2, True, ["current"])
    assert answered.model.number == 2
    assert (rolled_back.number, rolled_back.live) == (1, True)


async def test_a_call_may_name_the_model_that_is_to_answer(rotating):
    async with rotating() as running:
        stub = ClassificationServiceStub(running.channel)
        named = await stub.Classify(
            classification_pb2.ClassifyRequest(articles=REQUEST.articles, model="2")
        )
        asked = classification_pb2.StreamClassifyRequest(article=REQUEST.articles[0], model="2")
        [streamed] = [response async for response in stub.StreamClassify(iter([asked]))]
        unnamed = await stub.Classify(REQUEST)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Classify(
                classification_pb2.ClassifyRequest(articles=REQUEST.articles, model="../1")
            )
    assert (named.model.number, streamed.model.number, unnamed.model.number) == (2, 2, 1)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("number", "code"),
    [(0, grpc.StatusCode.INVALID_ARGUMENT), (9, grpc.StatusCode.NOT_FOUND)],
)
async def test_what_can_not_be_promoted_is_refused_and_changes_nothing(rotating, number, code):
    async with rotating() as running:
        stub = ModelServiceStub(running.channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.PromoteModel(pb.PromoteModelRequest(number=number))
        assert (await stub.GetModel(pb.GetModelRequest())).model.number == 1
    assert caught.value.code() is code
