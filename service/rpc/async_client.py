"""The same calls as `Client`, to be awaited."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from topicwire.v1 import stories_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.stories_pb2_grpc import StoryServiceStub

from service.clustering.clusters import Clustering
from service.errors import CallFailed
from service.rpc import calls
from service.rpc.answers import Happened, Placed, Story, StoryArticle
from service.rpc.channels import DEADLINE, IN_FLIGHT, bearer, explained, open_channel
from service.rpc.story_converters import from_event
from service.settings import Settings, read_settings
from service.storage.stories import ALL, StoryFilter
from training.article import Article
from training.labels import Labelling

Answer = TypeVar("Answer")
Request = TypeVar("Request", bound=Message)
Articles = Iterable[Article] | AsyncIterable[Article]


class AsyncClient:
    """A server, as its callers see it; every call raises CallFailed if it must."""

    def __init__(
        self, channel: grpc.aio.Channel, token: str = "", deadline: float = DEADLINE
    ) -> None:
        self._channel = channel
        self._deadline = deadline
        self._metadata = bearer(token)

    async def classify(
        self, articles: Sequence[Article], model: str = ""
    ) -> tuple[int, list[Labelling]]:
        """As `Client.classify`."""
        return await self._ask(calls.classify(articles, model))

    async def classify_stream(
        self, articles: Articles, model: str = ""
    ) -> AsyncIterator[Labelling | CallFailed]:
        """As `Client.classify_stream`; the articles may come from anything to iterate over."""
        stub: Any = ClassificationServiceStub(self._channel)
        requests = (calls.stream_classify(article, model) async for article in _each(articles))
        async for response in self._stream(stub.StreamClassify, requests):
            yield calls.read_classified(response)

    async def cluster(self, articles: Sequence[Article]) -> Clustering:
        """As `Client.cluster`."""
        return await self._ask(calls.cluster(articles))

    async def assign_story(self, article: Article) -> Placed:
        """As `Client.assign_story`."""
        return await self._ask(calls.assign_story(article))

    async def assign_stories(self, articles: Articles) -> AsyncIterator[Placed | CallFailed]:
        """As `Client.assign_stories`."""
        stub: Any = StoryServiceStub(self._channel)
        requests = (calls.stream_assign(article) async for article in _each(articles))
        async for response in self._stream(stub.StreamAssignStories, requests):
            yield calls.read_assigned(response)

    async def story(self, number: int) -> tuple[Story, list[StoryArticle]]:
        """As `Client.story`."""
        story, articles, token = await self._ask(calls.get_story(number, 0, ""))
        while token:
            _, more, token = await self._ask(calls.get_story(number, 0, token))
            articles += more
        return story, articles

    async def stories(self, wanted: StoryFilter = ALL) -> AsyncIterator[Story]:
        """As `Client.stories`."""
        found, token = await self._ask(calls.list_stories(wanted, 0, ""))
        while found:
            for story in found:
                yield story
            found, token = (
                await self._ask(calls.list_stories(wanted, 0, token)) if token else ([], "")
            )

    async def watch_stories(self, token: str = "") -> AsyncIterator[Happened]:
        """As `Client.watch_stories`."""
        stub: Any = StoryServiceStub(self._channel)
        request = stories_pb2.WatchStoriesRequest(resume_token=token)
        with explained():
            call = stub.WatchStories(request, metadata=self._metadata)
            try:
                async for response in call:
                    if response.HasField("event"):
                        yield from_event(response)
            finally:
                call.cancel()

    async def promote_model(self, number: int) -> int:
        """As `Client.promote_model`."""
        return await self._ask(calls.promote_model(number))

    async def rollback_model(self) -> int:
        """As `Client.rollback_model`."""
        return await self._ask(calls.rollback_model())

    async def is_serving(self, service: str = "", seconds: float = DEADLINE) -> bool:
        """As `Client.is_serving`."""
        return await self._ask(calls.check_health(service), seconds)

    async def _ask(self, call: calls.Call[Answer], seconds: float | None = None) -> Answer:
        ask = self._channel.unary_unary(
            call.method,
            request_serializer=type(call.request).SerializeToString,
            response_deserializer=call.response.FromString,
        )
        with explained():
            response = await ask(
                call.request, timeout=seconds or self._deadline, metadata=self._metadata
            )
        return call.read(response)

    async def _stream(
        self, ask: Callable[..., Any], requests: AsyncIterator[Request]
    ) -> AsyncIterator[Any]:
        """The answers; no more than `IN_FLIGHT` requests are sent ahead of those taken."""
        room, answered = asyncio.Semaphore(IN_FLIGHT), asyncio.Event()

        async def sent() -> AsyncIterator[Request]:
            async for request in requests:
                await room.acquire()
                yield request
                # Of a call that was refused while one sends, gRPC knows only that sending failed.
                await answered.wait()

        with explained():
            call = ask(sent(), metadata=self._metadata)
            try:
                async for response in call:
                    answered.set()
                    room.release()
                    yield response
            finally:
                call.cancel()


@asynccontextmanager
async def connect_async(
    address: str, settings: Settings | None = None
) -> AsyncIterator[AsyncClient]:
    """As `connect`."""
    settings = settings or read_settings()
    async with open_channel(
        address, settings, grpc.aio.secure_channel, grpc.aio.insecure_channel
    ) as channel:
        yield AsyncClient(channel, settings.token.get_secret_value())


async def _each(articles: Articles) -> AsyncIterator[Article]:
    if isinstance(articles, AsyncIterable):
        async for article in articles:
            yield article
    else:
        for article in articles:
            yield article
