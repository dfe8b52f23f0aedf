"""Calls a Topicwire server with domain objects in and out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from topicwire.v1 import classification_pb2, clustering_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.clustering_pb2_grpc import ClusteringServiceStub

from service.clustering.clusters import Clustering
from service.errors import CallFailed
from service.rpc.converters import from_classification, from_clusters, to_article
from service.rpc.tls import client_credentials
from service.settings import Settings
from training.article import Article
from training.labels import Labelling

DEADLINE_SECONDS = 60.0


class Client:
    """The calls that the command line makes; every one has a deadline."""

    def __init__(self, channel: grpc.Channel, token: str) -> None:
        self._classification = ClassificationServiceStub(channel)
        self._clustering = ClusteringServiceStub(channel)
        self._health = health_pb2_grpc.HealthStub(channel)
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def classify(self, articles: Sequence[Article], model: str = "") -> tuple[int, list[Labelling]]:
        """The number of the model that answered, and the labels of each article.

        Args:
            articles: any number that the server takes at once.
            model: its number or alias; the one in use by default.
        """
        request = classification_pb2.ClassifyRequest(
            articles=map(to_article, articles), model=model
        )
        with _explained():
            response = self._classification.Classify(
                request, timeout=DEADLINE_SECONDS, metadata=self._metadata
            )
        return response.model.number, [*map(from_classification, response.classifications)]

    def cluster(self, articles: Sequence[Article]) -> Clustering:
        """The clusters of the articles."""
        request = clustering_pb2.ClusterRequest(articles=map(to_article, articles))
        with _explained():
            return from_clusters(
                self._clustering.Cluster(request, timeout=DEADLINE_SECONDS, metadata=self._metadata)
            )

    def is_serving(self, service: str, seconds: float) -> bool:
        """Whether that service of the server answers calls, "" for the server as a whole."""
        request = health_pb2.HealthCheckRequest(service=service)
        with _explained():
            response = self._health.Check(request, timeout=seconds)
        return bool(response.status == health_pb2.HealthCheckResponse.SERVING)


@contextmanager
def connect(address: str, settings: Settings) -> Iterator[Client]:
    """A client of the server at HOST:PORT; connects at the first call.

    Args:
        address: of the server.
        settings: say whether to call over TLS, and which token to show.
    """
    options = [("grpc.max_send_message_length", -1)]
    credentials = client_credentials(settings)
    with (
        grpc.secure_channel(address, credentials, options)
        if credentials
        else grpc.insecure_channel(address, options)
    ) as channel:
        yield Client(channel, settings.token.get_secret_value())


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except grpc.RpcError as error:
        raise CallFailed(f"{error.code().name}: {error.details()}") from None
