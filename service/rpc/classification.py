"""Answers what articles are about."""

from collections.abc import AsyncIterator
from time import perf_counter

from topicwire.v1 import classification_pb2 as pb
from topicwire.v1 import classification_pb2_grpc

from service.labelling.live import ModelSlot
from service.rpc.converters import to_classification, to_reference, to_timing, to_topic
from service.rpc.interceptors import Context
from service.rpc.paging import page
from service.rpc.pipeline import answer_in_order
from service.rpc.requests import read_article, read_articles
from service.rpc.statuses import to_status
from service.settings import Settings


class ClassificationServicer(classification_pb2_grpc.ClassificationServiceServicer):
    """Labels with the live model."""

    def __init__(self, slot: ModelSlot, settings: Settings) -> None:
        self._slot = slot
        self._settings = settings

    async def Classify(  # noqa: N802 - named by the .proto file
        self, request: pb.ClassifyRequest, _context: Context
    ) -> pb.ClassifyResponse:
        """Labels the articles of one request."""
        start = perf_counter()
        self._slot.get()  # NotReady comes before whatever is wrong with the request
        articles = read_articles(
            request.articles,
            least=1,
            most=self._settings.max_articles,
            max_chars=self._settings.max_article_chars,
        )
        live = await self._slot.find(request.model)
        labellings, encoded = await live.label(articles)
        return pb.ClassifyResponse(
            classifications=map(to_classification, articles, labellings),
            model=to_reference(live),
            timing=to_timing(encoded, perf_counter() - start),
        )

    async def StreamClassify(  # noqa: N802
        self, request_iterator: AsyncIterator[pb.StreamClassifyRequest], _context: Context
    ) -> AsyncIterator[pb.StreamClassifyResponse]:
        """Labels articles as they come."""
        window = self._settings.stream_window
        async for response in answer_in_order(request_iterator, self._answer, window):
            yield response

    async def ListTopics(  # noqa: N802
        self, request: pb.ListTopicsRequest, _context: Context
    ) -> pb.ListTopicsResponse:
        """Lists the topics of the live model."""
        live = self._slot.get()
        topics = list(zip(live.model.taxonomy.topics, live.model.heads.thresholds, strict=True))
        shown, token = page(topics, lambda each: each[0].id, request.page_size, request.page_token)
        return pb.ListTopicsResponse(
            topics=[to_topic(topic, float(threshold)) for topic, threshold in shown],
            next_page_token=token,
            model=to_reference(live),
        )

    async def _answer(
        self, index: int, request: pb.StreamClassifyRequest
    ) -> pb.StreamClassifyResponse:
        start = perf_counter()
        try:
            self._slot.get()  # as above
            article = read_article(request.article, max_chars=self._settings.max_article_chars)
            live = await self._slot.find(request.model)
            [labelling], encoded = await live.label([article])
        except Exception as error:  # noqa: BLE001 - one article must not end the stream
            return pb.StreamClassifyResponse(index=index, error=to_status(error))
        return pb.StreamClassifyResponse(
            index=index,
            classification=to_classification(article, labelling),
            model=to_reference(live),
            timing=to_timing(encoded, perf_counter() - start),
        )
