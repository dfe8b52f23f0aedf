"""Calls a Topicwire server with domain objects in and out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import grpc
from topicwire.v1 import classification_pb2, clustering_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.clustering_pb2_grpc import ClusteringServiceStub

from service.clustering.clusters import Clustering
from service.errors import CallFailed
from service.rpc.converters import from_classification, from_clusters, to_article
from training.article import Article
from training.labels import Labelling

DEADLINE_SECONDS = 60.0


class Client:
    """The calls that the command line makes; every one has a deadline."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._classification = ClassificationServiceStub(channel)
        self._clustering = ClusteringServiceStub(channel)

    def classify(self, articles: Sequence[Article]) -> tuple[int, list[Labelling]]:
        """The number of the model that answered, and the labels of each article."""
        request = classification_pb2.ClassifyRequest(articles=map(to_article, articles))
        with _explained():
            response = self._classification.Classify(request, timeout=DEADLINE_SECONDS)
        return response.model.number, [*map(from_classification, response.classifications)]

    def cluster(self, articles: Sequence[Article]) -> Clustering:
        """The clusters of the articles."""
        request = clustering_pb2.ClusterRequest(articles=map(to_article, articles))
        with _explained():
            return from_clusters(self._clustering.Cluster(request, timeout=DEADLINE_SECONDS))


@contextmanager
def connect(address: str) -> Iterator[Client]:
    """A client of the server at HOST:PORT; connects at the first call."""
    with grpc.insecure_channel(address, [("grpc.max_send_message_length", -1)]) as channel:
        yield Client(channel)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except grpc.RpcError as error:
        raise CallFailed(f"{error.code().name}: {error.details()}") from None
