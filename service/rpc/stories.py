"""Follows running stories."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter

from google.rpc.status_pb2 import Status
from topicwire.v1 import articles_pb2, stories_pb2_grpc
from topicwire.v1 import stories_pb2 as pb

from service.clustering.desk import StoryDesk
from service.clustering.rows import Arrival
from service.errors import InvalidRequest, NotReady, Violation
from service.labelling.encoded import Encoded
from service.labelling.live import LiveModel, ModelSlot
from service.rpc.converters import to_reference, to_timing
from service.rpc.interceptors import Context
from service.rpc.paging import fetch_page, read_number, read_page_size
from service.rpc.pipeline import answer_in_order
from service.rpc.requests import read_article, read_positive, read_story_filter
from service.rpc.statuses import to_status
from service.rpc.story_converters import to_assignment, to_event, to_story, to_story_article
from service.settings import Settings
from service.storage.database import Database
from service.storage.stories import StoryBook
from service.tracing import step
from training.stories.link import find_link

EVENTS_AT_ONCE = 500

LOOK_EVERY = 0.25
"""Seconds between two looks for what other servers have written."""


@dataclass(frozen=True, slots=True)
class _Read:
    """An article that waits for its story."""

    arrival: Arrival
    live: LiveModel
    encoded: Encoded
    start: float


class StoryServicer(stories_pb2_grpc.StoryServiceServicer):
    """Puts articles into stories, and tells what is kept of them."""

    def __init__(self, slot: ModelSlot, settings: Settings, database: Database) -> None:
        self._slot = slot
        self._settings = settings
        self._database = database
        self._desk = StoryDesk(database, find_link(settings.story_link), settings.queue_limit)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ends what would go on for ever."""
        self._stopping.set()

    async def AssignStory(  # noqa: N802 - named by the .proto file
        self, request: pb.AssignStoryRequest, _context: Context
    ) -> pb.AssignStoryResponse:
        """Puts one article into a story."""
        read = await self._read(request.article)
        return pb.AssignStoryResponse(
            assignment=await self._assign(read),
            model=to_reference(read.live),
            timing=to_timing(read.encoded, perf_counter() - read.start),
        )

    async def StreamAssignStories(  # noqa: N802
        self, request_iterator: AsyncIterator[pb.StreamAssignStoriesRequest], _context: Context
    ) -> AsyncIterator[pb.StreamAssignStoriesResponse]:
        """Puts articles into stories: they are read side by side, and assigned in their order."""
        window = self._settings.stream_window
        async with aclosing(answer_in_order(request_iterator, self._try_read, window)) as read:
            async for response in answer_in_order(read, self._answer, window):
                yield response

    async def GetStory(  # noqa: N802
        self, request: pb.GetStoryRequest, _context: Context
    ) -> pb.GetStoryResponse:
        """Describes one story."""
        return await asyncio.to_thread(self._get, request)

    async def ListStories(  # noqa: N802
        self, request: pb.ListStoriesRequest, _context: Context
    ) -> pb.ListStoriesResponse:
        """Lists stories."""
        return await asyncio.to_thread(self._list, request)

    async def WatchStories(  # noqa: N802
        self, request: pb.WatchStoriesRequest, _context: Context
    ) -> AsyncIterator[pb.WatchStoriesResponse]:
        """Tells what happens to stories."""
        book = await asyncio.to_thread(lambda: self._book)
        newest = await asyncio.to_thread(book.newest)
        at = read_number(request.resume_token, "resume_token")
        if at is not None and at > newest:
            raise InvalidRequest([Violation("resume_token", "is of what has not happened yet")])
        at = newest if at is None else at
        yield pb.WatchStoriesResponse(resume_token=str(at))
        while not self._stopping.is_set():
            events = await asyncio.to_thread(book.events, at, EVENTS_AT_ONCE)
            for event, articles in events:
                at = event.sequence
                yield pb.WatchStoriesResponse(resume_token=str(at), event=to_event(event, articles))
            if not events:
                await self._rest()
        raise NotReady("the server is stopping; go on elsewhere with the last resume_token")

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), LOOK_EVERY)
        except TimeoutError:
            return

    async def _read(self, message: articles_pb2.Article) -> _Read:
        start = perf_counter()
        live = self._slot.get()
        article = read_article(message, max_chars=self._settings.max_article_chars)
        [labelling], encoded = await live.label_and_embed([article])
        topics = tuple(label.topic for label in labelling.labels)
        return _Read(Arrival(article, encoded.embeddings[0], topics), live, encoded, start)

    async def _assign(self, read: _Read) -> pb.StoryAssignment:
        encoder = read.live.grouper.encoder.reference
        with step("assign_story"):
            return to_assignment(await self._desk.assign(encoder, read.arrival))

    async def _try_read(self, _: int, request: pb.StreamAssignStoriesRequest) -> _Read | Status:
        try:
            return await self._read(request.article)
        except Exception as error:  # noqa: BLE001 - one article must not end the stream
            return to_status(error)

    async def _answer(self, index: int, read: _Read | Status) -> pb.StreamAssignStoriesResponse:
        if isinstance(read, Status):
            return pb.StreamAssignStoriesResponse(index=index, error=read)
        try:
            assignment = await self._assign(read)
        except Exception as error:  # noqa: BLE001 - as above
            return pb.StreamAssignStoriesResponse(index=index, error=to_status(error))
        return pb.StreamAssignStoriesResponse(
            index=index,
            assignment=assignment,
            model=to_reference(read.live),
            timing=to_timing(read.encoded, perf_counter() - read.start),
        )

    def _get(self, request: pb.GetStoryRequest) -> pb.GetStoryResponse:
        number = read_positive(request.number)
        count, after = read_page_size(request.page_size), read_number(request.page_token) or 0
        story = self._book.find(number)
        articles, token = fetch_page(
            lambda most: self._book.articles(story.number, after, most),
            lambda article: article.sequence,
            count,
        )
        return pb.GetStoryResponse(
            story=to_story(story),
            articles=map(to_story_article, articles),
            next_page_token=token,
        )

    def _list(self, request: pb.ListStoriesRequest) -> pb.ListStoriesResponse:
        count, below = read_page_size(request.page_size), read_number(request.page_token)
        wanted = read_story_filter(request)
        stories, token = fetch_page(
            lambda most: self._book.matching(wanted, below, most),
            lambda story: story.number,
            count,
        )
        return pb.ListStoriesResponse(stories=map(to_story, stories), next_page_token=token)

    @property
    def _book(self) -> StoryBook:
        return StoryBook(self._database.engine)
