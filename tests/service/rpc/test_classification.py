import asyncio

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status
from topicwire.v1 import articles_pb2 as articles
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

from tests.fake_opener import FakeOpener
from tests.fakes import POISON
from tests.waiting import until

BOTH = articles.Article(id="x", title="Outage 😀 grows", body="Grid outage.\nEnvoy talks.")


def details(error: grpc.aio.AioRpcError, kind):
    return unpack(rpc_status.from_call(error), kind)  # type: ignore[arg-type]


def unpack(status: Status, kind):
    [found] = [any_ for any_ in status.details if any_.Is(kind.DESCRIPTOR)]
    message = kind()
    found.Unpack(message)
    return message


async def refusal(call) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


async def fields(call) -> list[str]:
    error = await refusal(call)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert details(error, ErrorInfo).reason == "INVALID_REQUEST"
    return [violation.field for violation in details(error, BadRequest).field_violations]


async def test_an_article_gets_its_labels_with_evidence_model_and_timing(serving):
    async with serving() as running:
        stub = ClassificationServiceStub(running.channel)
        response = await stub.Classify(pb.ClassifyRequest(articles=[BOTH]))
    [found] = response.classifications
    assert found.article_id == "x"
    assert {label.topic_id for label in found.labels} == {"grid", "talks"}
    assert [score.topic_id for score in found.scores] == ["grid", "talks"]
    for label in found.labels:
        assert label.threshold <= label.probability <= 1
        for evidence in label.evidence:
            field = evidence.passage.field
            text = BOTH.title if field == articles.ARTICLE_FIELD_TITLE else BOTH.body
            assert text[evidence.passage.start : evidence.passage.end] == evidence.passage.text
    assert (response.model.number, response.model.encoder) == (1, "fake")
    total = response.timing.total_time.ToTimedelta()
    assert total > response.timing.encode_time.ToTimedelta() > total * 0


async def test_articles_come_back_in_their_order(serving):
    sent = [articles.Article(id=str(at), body="outage " * (1 + at % 9)) for at in range(100)]
    async with serving() as running:
        stub = ClassificationServiceStub(running.channel)
        response = await stub.Classify(pb.ClassifyRequest(articles=sent))
    assert [found.article_id for found in response.classifications] == [a.id for a in sent]


async def test_of_many_wrong_fields_the_first_are_named(serving):
    sent = [articles.Article(language=f"{at}") for at in range(256)]
    async with serving() as running:
        stub = ClassificationServiceStub(running.channel)
        found = await fields(stub.Classify(pb.ClassifyRequest(articles=sent)))
    assert found[:2] == ["articles[0].body", "articles[0].language"]
    assert len(found) == 16


@pytest.mark.parametrize("name", ["9" * 300, "9" * 5000, "😀" * 9000])
async def test_a_name_of_any_length_is_that_of_no_model(serving, name):
    async with (
        serving() as running,
        running.server.rotate(FakeOpener(running.store, running.live.labeller.encoder)),
    ):
        stub = ClassificationServiceStub(running.channel)
        error = await refusal(stub.Classify(pb.ClassifyRequest(articles=[BOTH], model=name)))
    assert error.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("count", [0, 5])
async def test_too_few_or_too_many_articles_are_refused(serving, count):
    async with serving(max_articles=4) as running:
        stub = ClassificationServiceStub(running.channel)
        assert await fields(stub.Classify(pb.ClassifyRequest(articles=[BOTH] * count))) == [
            "articles"
        ]


async def test_every_wrong_field_is_named_by_its_path(serving):
    sent = [
        BOTH,
        articles.Article(title=" ", body="\n\t"),
        articles.Article(body="x" * 101),
        articles.Article(title="y" * 101),
        articles.Article(body="x", id="i" * 257, source="s" * 257, url="u" * 2049),
        articles.Article(body="x", language="not a tag"),
        articles.Article(body="x"),
    ]
    sent[-1].published_at.seconds = 10**15
    async with serving(max_article_chars=100) as running:
        stub = ClassificationServiceStub(running.channel)
        assert await fields(stub.Classify(pb.ClassifyRequest(articles=sent))) == [
            "articles[1].body",
            "articles[2].body",
            "articles[3].title",
            "articles[4].id",
            "articles[4].source",
            "articles[4].url",
            "articles[5].language",
            "articles[6].published_at",
        ]


async def test_a_message_over_the_limit_is_refused_by_size(serving):
    huge = pb.ClassifyRequest(articles=[articles.Article(body="x" * 3000)])
    async with serving(max_message_bytes=2048) as running:
        error = await refusal(ClassificationServiceStub(running.channel).Classify(huge))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "larger than max" in str(error.details())


@pytest.mark.parametrize("method", ["Classify", "ListTopics"])
async def test_bytes_that_are_no_message_are_an_invalid_argument(serving, method):
    async with serving() as running:
        call = running.channel.unary_unary(f"/topicwire.v1.ClassificationService/{method}")
        assert await fields(call(b"\xff\xff\xff")) == ["request"]


async def test_text_that_is_not_utf8_is_an_invalid_argument(serving):
    broken = pb.ClassifyRequest(articles=[articles.Article(body="abc")]).SerializeToString()
    async with serving() as running:
        call = running.channel.unary_unary("/topicwire.v1.ClassificationService/Classify")
        assert await fields(call(broken.replace(b"abc", b"\xff\xfe\xfd"))) == ["request"]


async def test_a_full_queue_answers_resource_exhausted_with_a_time_to_retry(serving):
    async with serving(queue_limit=1) as running:
        stub = ClassificationServiceStub(running.channel)
        error = await refusal(stub.Classify(pb.ClassifyRequest(articles=[BOTH])))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert details(error, RetryInfo).retry_delay.ToTimedelta().total_seconds() > 0


async def test_a_stream_longer_than_the_queue_is_answered_in_full(serving):
    requests = [pb.StreamClassifyRequest(article=articles.Article(body="outage"))] * 200
    async with serving(queue_limit=16) as running:
        stream = ClassificationServiceStub(running.channel).StreamClassify(iter(requests))
        got = [response.WhichOneof("result") async for response in stream]
    assert got == ["classification"] * 200


async def test_what_went_wrong_inside_is_hidden(serving):
    request = pb.ClassifyRequest(articles=[articles.Article(body=POISON)])
    async with serving() as running:
        error = await refusal(ClassificationServiceStub(running.channel).Classify(request))
    assert (error.code(), error.details()) == (grpc.StatusCode.INTERNAL, "internal error")


async def test_a_stream_answers_in_order_with_the_index_of_each_article(serving):
    async def send():
        for at in range(300):
            yield pb.StreamClassifyRequest(
                article=articles.Article(id=str(at), body="outage " * (1 + at % 7))
            )

    async with serving(stream_window=16) as running:
        stub = ClassificationServiceStub(running.channel)
        got = [response async for response in stub.StreamClassify(send())]
    assert [response.index for response in got] == list(range(300))
    assert [response.classification.article_id for response in got] == [*map(str, range(300))]
    assert all(response.model.number == 1 for response in got)


async def test_in_a_stream_one_bad_article_fails_alone(serving):
    sent = [BOTH, articles.Article(), articles.Article(body=POISON), BOTH]
    async with serving() as running:
        stub = ClassificationServiceStub(running.channel)
        stream = stub.StreamClassify(iter([pb.StreamClassifyRequest(article=a) for a in sent]))
        got = [response async for response in stream]
    assert [response.WhichOneof("result") for response in got] == [
        "classification",
        "error",
        "error",
        "classification",
    ]
    empty, poisoned = got[1].error, got[2].error
    assert empty.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert unpack(empty, BadRequest).field_violations[0].field == "article.body"
    assert (poisoned.code, poisoned.message) == (
        grpc.StatusCode.INTERNAL.value[0],
        "internal error",
    )


async def test_a_stream_shares_encoder_calls_among_its_articles(serving, encoder):
    async with serving() as running:
        stub = ClassificationServiceStub(running.channel)
        request = pb.StreamClassifyRequest(article=articles.Article(body="outage"))
        encoder.gate.clear()
        stream = stub.StreamClassify(iter([request] * 200))
        await until(lambda: running.live.labeller.batcher.waiting >= 150)
        encoder.gate.set()
        assert len([response async for response in stream]) == 200
    assert len(encoder.calls) < 60  # warm-up, the first, and 150 together before the rest


async def test_a_stream_is_read_no_further_than_its_window(serving, encoder):
    sent = 0

    async def send():
        nonlocal sent
        for _ in range(5000):
            sent += 1
            yield pb.StreamClassifyRequest(article=articles.Article(body="outage " * 2000))

    async with serving(stream_window=4, queue_limit=100_000) as running:
        encoder.gate.clear()
        stream = ClassificationServiceStub(running.channel).StreamClassify(send())
        await asyncio.sleep(0.5)
        held_back = sent
        encoder.gate.set()
        stream.cancel()
    assert held_back < 1000


async def test_a_client_that_vanishes_from_a_stream_hurts_no_one(serving):
    async with serving() as running:
        stub = ClassificationServiceStub(running.channel)
        request = pb.StreamClassifyRequest(article=articles.Article(body="outage"))
        stream = stub.StreamClassify(iter([request] * 50))
        await stream.read()
        stream.cancel()
        response = await stub.Classify(pb.ClassifyRequest(articles=[BOTH]))
    assert len(response.classifications) == 1


async def test_topics_are_listed_page_by_page(serving):
    async with serving() as running:
        stub = ClassificationServiceStub(running.channel)
        first = await stub.ListTopics(pb.ListTopicsRequest(page_size=1))
        rest = await stub.ListTopics(pb.ListTopicsRequest(page_token=first.next_page_token))
        wrong = await fields(stub.ListTopics(pb.ListTopicsRequest(page_size=-1)))
        unknown = await fields(stub.ListTopics(pb.ListTopicsRequest(page_token="?")))
    assert [(t.id, t.name) for t in [*first.topics, *rest.topics]] == [
        ("grid", "Grid"),
        ("talks", "Talks"),
    ]
    assert [*first.topics[0].seed_phrases] == ["power lines down"]
    assert 0 < first.topics[0].threshold < 1
    assert rest.next_page_token == ""
    assert (wrong, unknown) == (["page_size"], ["page_token"])
