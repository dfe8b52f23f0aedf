"""Calls a Topicwire server with domain objects in and out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Semaphore
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
Response = TypeVar("Response", bound=Message)


class Client:
    """A server, as its callers see it; every call raises CallFailed if it must."""

    def __init__(self, channel: grpc.Channel, token: str = "", deadline: float = DEADLINE) -> None:
        self._channel = channel
        self._deadline = deadline
        self._metadata = bearer(token)

    def classify(self, articles: Sequence[Article], model: str = "") -> tuple[int, list[Labelling]]:
        """The number of the model that answered, and the labels of each article.

        Args:
            articles: any number that the server takes at once.
            model: its number or alias; the one in use by default.
        """
        return self._ask(calls.classify(articles, model))

    def classify_stream(
        self, articles: Iterable[Article], model: str = ""
    ) -> Iterator[Labelling | CallFailed]:
        """The labels of each article, or why it has none; in order, however many there are."""
        requests = (calls.stream_classify(article, model) for article in articles)
        stub = ClassificationServiceStub(self._channel)
        yield from map(calls.read_classified, self._stream(stub.StreamClassify, requests))

    def cluster(self, articles: Sequence[Article]) -> Clustering:
        """The clusters of the articles."""
        return self._ask(calls.cluster(articles))

    def assign_story(self, article: Article) -> Placed:
        """The article in its story; send it again if this fails, with the same id."""
        return self._ask(calls.assign_story(article))

    def assign_stories(self, articles: Iterable[Article]) -> Iterator[Placed | CallFailed]:
        """Each article in its story, or why it is in none; best in order of time."""
        requests = map(calls.stream_assign, articles)
        stub = StoryServiceStub(self._channel)
        yield from map(calls.read_assigned, self._stream(stub.StreamAssignStories, requests))

    def story(self, number: int) -> tuple[Story, list[StoryArticle]]:
        """The story of that number, or that it was merged into, with all its articles."""
        story, articles, token = self._ask(calls.get_story(number, 0, ""))
        while token:
            _, more, token = self._ask(calls.get_story(number, 0, token))
            articles += more
        return story, articles

    def stories(self, wanted: StoryFilter = ALL) -> Iterator[Story]:
        """The stories that fulfil all that is set, the last started first."""
        found, token = self._ask(calls.list_stories(wanted, 0, ""))
        while found:
            yield from found
            found, token = self._ask(calls.list_stories(wanted, 0, token)) if token else ([], "")

    def watch_stories(self, token: str = "") -> Iterator[Happened]:
        """What happens to stories from now on, or behind the `token` of what happened last."""
        request = stories_pb2.WatchStoriesRequest(resume_token=token)
        with explained():
            call = StoryServiceStub(self._channel).WatchStories(request, metadata=self._metadata)
            try:
                for response in call:
                    if response.HasField("event"):
                        yield from_event(response)
            finally:
                call.cancel()

    def promote_model(self, number: int) -> int:
        """Makes the model current; returns its number."""
        return self._ask(calls.promote_model(number))

    def rollback_model(self) -> int:
        """Makes the model current that was so before; returns its number."""
        return self._ask(calls.rollback_model())

    def is_serving(self, service: str = "", seconds: float = DEADLINE) -> bool:
        """Whether that service of the server answers calls, "" for the server as a whole."""
        return self._ask(calls.check_health(service), seconds)

    def _ask(self, call: calls.Call[Answer], seconds: float | None = None) -> Answer:
        ask = self._channel.unary_unary(
            call.method,
            request_serializer=type(call.request).SerializeToString,
            response_deserializer=call.response.FromString,
        )
        with explained():
            response = ask(call.request, timeout=seconds or self._deadline, metadata=self._metadata)
        return call.read(response)

    def _stream(
        self,
        ask: Callable[..., Iterable[Response]],
        requests: Iterable[Request],
    ) -> Iterator[Response]:
        """The answers; no more than `IN_FLIGHT` requests are sent ahead of those taken."""
        room, ended = Semaphore(IN_FLIGHT), Event()

        def sent() -> Iterator[Request]:
            for request in requests:
                room.acquire()
                if ended.is_set():
                    return
                yield request

        with explained():
            call: Any = ask(sent(), metadata=self._metadata)
            try:
                for response in call:
                    room.release()
                    yield response
            finally:
                ended.set()
                room.release()  # lets the thread go that may wait for room
                call.cancel()


@contextmanager
def connect(address: str, settings: Settings | None = None) -> Iterator[Client]:
    """A client of the server at HOST:PORT; connects at the first call.

    Args:
        address: of the server.
        settings: say whether to call over TLS, and which token to show; those of the
            environment by default.
    """
    settings = settings or read_settings()
    with open_channel(address, settings, grpc.secure_channel, grpc.insecure_channel) as channel:
        yield Client(channel, settings.token.get_secret_value())
