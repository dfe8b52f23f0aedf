import grpc
import pytest
from topicwire.v1 import articles_pb2, classification_pb2
from topicwire.v1 import feedback_pb2 as pb
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.feedback_pb2_grpc import FeedbackServiceStub

from service.storage.corrections import Correction, open_corrections


def stub(running):
    return FeedbackServiceStub(running.channel)


async def classify(running, *bodies):
    articles = [articles_pb2.Article(body=body) for body in bodies]
    request = classification_pb2.ClassifyRequest(articles=articles)
    await ClassificationServiceStub(running.channel).Classify(request)


async def review(running, size=0):
    answer = await stub(running).ListReviewItems(pb.ListReviewItemsRequest(page_size=size))
    return answer.items


async def test_a_correction_is_kept_with_all_it_says(serving):
    async with serving() as running:
        await stub(running).SubmitCorrection(
            pb.SubmitCorrectionRequest(
                text="Talks.", topic_ids=["talks", "talks"], article_id="7", source="wire"
            )
        )
        kept = open_corrections(running.settings.database_url).all()
    assert kept == [Correction(text="Talks.", labels=("talks",), article_id="7", source="wire")]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.SubmitCorrectionRequest(text=" "), "text"),
        (pb.SubmitCorrectionRequest(text="x" * 200_001), "text"),
        (pb.SubmitCorrectionRequest(text="x", topic_ids=["grid", "sport"]), "topic_ids[1]"),
        (pb.SubmitCorrectionRequest(text="x", article_id="y" * 257), "article_id"),
        (pb.SubmitCorrectionRequest(text="x", source="y" * 257), "source"),
    ],
)
async def test_a_wrong_correction_is_refused_by_field(serving, request_, field):
    async with serving() as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub(running).SubmitCorrection(request_)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert (caught.value.details() or "").startswith(f"{field}: ")


async def test_the_least_sure_passages_are_offered_for_review(serving):
    async with serving() as running:
        assert not await review(running)
        await classify(
            running, "grid summit", "football recipe garden novel", "blackout grid power"
        )
        items = await review(running)
    assert {item.text for item in items} >= {"grid summit", "blackout grid power"}
    assert [item.uncertainty for item in items] == sorted(
        (item.uncertainty for item in items), reverse=True
    )
    assert [score.topic_id for score in items[0].scores] == ["grid", "talks"]


async def test_what_was_corrected_is_not_offered_again(serving):
    async with serving() as running:
        await classify(running, "grid summit", "outage talks")
        await stub(running).SubmitCorrection(pb.SubmitCorrectionRequest(text="grid summit"))
        items = await review(running)
    assert [item.text for item in items] == ["outage talks"]


async def test_no_more_is_kept_for_review_than_the_limit(serving):
    async with serving(review_limit=5) as running:
        await classify(running, *(f"grid summit number {at}" for at in range(40)))
        assert len(await review(running)) == 5


async def test_there_is_room_for_new_passages_once_the_old_ones_are_corrected(serving):
    async with serving(review_limit=3) as running:
        await classify(running, *(f"grid summit number {at}" for at in range(9)))
        for item in await review(running):
            await stub(running).SubmitCorrection(pb.SubmitCorrectionRequest(text=item.text))
        await classify(running, "football recipe garden")
        assert [item.text for item in await review(running)] == ["football recipe garden"]


async def test_nothing_is_kept_for_review_if_the_limit_is_none(serving):
    async with serving(review_limit=0) as running:
        await classify(running, "grid summit")
        assert not await review(running)


async def test_a_page_has_as_many_items_as_asked_for(serving):
    async with serving() as running:
        await classify(running, *(f"grid summit number {at}" for at in range(9)))
        assert len(await review(running, 4)) == 4
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await review(running, 1001)
    assert (caught.value.details() or "").startswith("page_size: ")


async def test_an_unusable_database_is_unavailable_and_hurts_no_other_call(serving):
    async with serving(database="sqlite:////proc/none/x.db") as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub(running).SubmitCorrection(pb.SubmitCorrectionRequest(text="x"))
        await classify(running, "grid")
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert caught.value.details() == "the database can't be used at the moment"
