"""The gRPC server: its services, its health and its orderly end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from topicwire.v1.classification_pb2_grpc import add_ClassificationServiceServicer_to_server
from topicwire.v1.clustering_pb2_grpc import add_ClusteringServiceServicer_to_server
from topicwire.v1.feedback_pb2_grpc import add_FeedbackServiceServicer_to_server
from topicwire.v1.models_pb2_grpc import add_ModelServiceServicer_to_server
from topicwire.v1.stories_pb2_grpc import add_StoryServiceServicer_to_server

from service.errors import AddressInUse
from service.labelling.live import LiveModel, ModelSlot
from service.labelling.rotation import OpensModels, Rotation
from service.rpc.access import Access, Tokens
from service.rpc.classification import ClassificationServicer
from service.rpc.clustering import ClusteringServicer
from service.rpc.feedback import FeedbackServicer
from service.rpc.interceptors import ErrorInterceptor
from service.rpc.models import ModelServicer
from service.rpc.services import SERVICES
from service.rpc.stories import StoryServicer
from service.rpc.tls import server_credentials
from service.settings import Settings
from service.storage.database import Database
from service.tracing import Tracer
from training.store import Store

REFUSE_SECONDS = 0.5
"""In which calls that were sent before clients could know are refused one by one."""


class Server:
    """Listens once it is started; NOT_SERVING until it is given a live model."""

    address: str
    """With the port that was taken."""

    def __init__(self, settings: Settings, store: Store, tracer: Tracer | None = None) -> None:
        self._settings = settings
        self._slot = ModelSlot()
        self._health = health.aio.HealthServicer()
        tokens = Tokens(settings.tokens) if settings.tokens else None
        self._guard = ErrorInterceptor(Access(tokens, settings.listen), tracer)
        self._server = grpc.aio.server(
            interceptors=[self._guard],
            options=_options(settings),
        )
        database = Database(settings.database_url)
        self._stories = StoryServicer(self._slot, settings, database)
        self._add_services(store, database)

    async def start(self) -> None:
        """Listens; without a model all but health and reflection is answered UNAVAILABLE.

        Of itself the health service says SERVING at once: the process is alive.
        """
        self.address = self._bind(self._settings.listen)
        await self._health.set(health.SERVICE_NAME, health_pb2.HealthCheckResponse.SERVING)
        await self._set_health(serving=self._slot.live is not None)
        await self._server.start()

    async def serve(self, live: LiveModel) -> None:
        """Answers with this model from now on."""
        self._slot.live = live
        await self._set_health(serving=True)

    @asynccontextmanager
    async def rotate(self, opener: OpensModels) -> AsyncIterator[Rotation]:
        """Answers with the store's current model while the context lasts."""
        async with Rotation(self._slot, opener, self._settings) as rotation:
            await self._set_health(serving=True)
            yield rotation

    async def refuse(self) -> None:
        """Says NOT_SERVING and answers calls that come from now on UNAVAILABLE, for a moment.

        Draining at once, gRPC would answer CANCELLED to those that wait for it to take them up,
        and no client tries these again.
        """
        await self._health.enter_graceful_shutdown()
        self._guard.closing = True
        await asyncio.sleep(REFUSE_SECONDS)

    async def drain(self) -> None:
        """Says NOT_SERVING, takes no more calls, and waits for those under way."""
        await self._health.enter_graceful_shutdown()
        self._stories.stop()
        await self._server.stop(self._settings.drain_seconds)

    def _add_services(self, store: Store, database: Database) -> None:
        server, slot = self._server, self._slot
        add_ClassificationServiceServicer_to_server(
            ClassificationServicer(slot, self._settings), server
        )
        add_ClusteringServiceServicer_to_server(ClusteringServicer(slot, self._settings), server)
        add_ModelServiceServicer_to_server(ModelServicer(slot, store), server)
        add_StoryServiceServicer_to_server(self._stories, server)
        add_FeedbackServiceServicer_to_server(
            FeedbackServicer(slot, self._settings, database), server
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        named = (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(named, server)

    def _bind(self, listen: str) -> str:
        """The address, with the port that was taken if it has one."""
        credentials = server_credentials(self._settings)
        try:
            if credentials:
                port = self._server.add_secure_port(listen, credentials)
            else:
                port = self._server.add_insecure_port(listen)
        except RuntimeError:
            raise AddressInUse(listen) from None
        return listen if listen.startswith("unix:") else f"{listen.rpartition(':')[0]}:{port}"

    async def _set_health(self, *, serving: bool) -> None:
        statuses = health_pb2.HealthCheckResponse
        status = statuses.SERVING if serving else statuses.NOT_SERVING
        await asyncio.gather(*(self._health.set(name, status) for name in ("", *SERVICES)))


@asynccontextmanager
async def listening(
    settings: Settings, store: Store, tracer: Tracer | None = None
) -> AsyncIterator[Server]:
    """A server that listens until the context ends, and is drained then."""
    server = Server(settings, store, tracer)
    await server.start()
    try:
        yield server
    finally:
        await server.drain()


def _options(settings: Settings) -> list[tuple[str, int]]:
    options = [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", -1),
        ("grpc.so_reuseport", int(settings.share_port)),
        # Of calls that come faster than they are taken up gRPC would cancel some at random.
        ("grpc.server.max_pending_requests", settings.queue_limit),
        ("grpc.server.max_pending_requests_hard_limit", settings.queue_limit),
        # Clients that have gone without saying so are found out, and may find out the same.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
    ]
    if settings.connection_seconds:
        age = int(settings.connection_seconds * 1000)
        grace = int(settings.drain_seconds * 1000)
        options += [
            ("grpc.max_connection_age_ms", age),
            ("grpc.max_connection_age_grace_ms", grace),
        ]
    return options
