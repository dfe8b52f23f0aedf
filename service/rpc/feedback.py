"""Takes corrections, and answers what people should label next."""

import asyncio
from datetime import UTC, datetime

from topicwire.v1 import feedback_pb2 as pb
from topicwire.v1 import feedback_pb2_grpc

from service.labelling.live import ModelSlot
from service.rpc.converters import to_reference, to_review_item
from service.rpc.interceptors import Context
from service.rpc.paging import read_page_size
from service.rpc.requests import read_correction
from service.settings import Settings
from service.storage.corrections import Corrections
from service.storage.database import Database

DEFAULT_ITEMS = 50


class FeedbackServicer(feedback_pb2_grpc.FeedbackServiceServicer):
    """Keeps corrections in the database, and picks from what the live model was unsure of."""

    def __init__(self, slot: ModelSlot, settings: Settings, database: Database) -> None:
        self._slot = slot
        self._settings = settings
        self._database = database

    async def SubmitCorrection(  # noqa: N802 - named by the .proto file
        self, request: pb.SubmitCorrectionRequest, _context: Context
    ) -> pb.SubmitCorrectionResponse:
        """Keeps one correction."""
        topics = self._slot.get().model.taxonomy.ids
        correction = read_correction(request, topics, max_chars=self._settings.max_article_chars)
        await asyncio.to_thread(lambda: self._corrections.add([correction], datetime.now(UTC)))
        return pb.SubmitCorrectionResponse()

    async def ListReviewItems(  # noqa: N802
        self, request: pb.ListReviewItemsRequest, _context: Context
    ) -> pb.ListReviewItemsResponse:
        """Lists what to label next."""
        live = self._slot.get()
        count = read_page_size(request.page_size, DEFAULT_ITEMS)
        items = await asyncio.to_thread(
            lambda: live.review.pick(count, self._corrections.known(live.review.texts))
        )
        topics = live.model.taxonomy.ids
        return pb.ListReviewItemsResponse(
            items=[to_review_item(item, topics) for item in items], model=to_reference(live)
        )

    @property
    def _corrections(self) -> Corrections:
        return Corrections(self._database.engine)
