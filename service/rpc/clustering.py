"""Answers which articles belong together."""

from time import perf_counter

from topicwire.v1 import clustering_pb2 as pb
from topicwire.v1 import clustering_pb2_grpc

from service.clustering.live import cluster_live
from service.labelling.live import ModelSlot
from service.rpc.converters import to_cluster, to_reference, to_theme, to_timing
from service.rpc.interceptors import Context
from service.rpc.requests import read_articles
from service.settings import Settings
from training.stories.link import find_link


class ClusteringServicer(clustering_pb2_grpc.ClusteringServiceServicer):
    """Clusters with the live model's encoder."""

    def __init__(self, slot: ModelSlot, settings: Settings) -> None:
        self._slot = slot
        self._settings = settings
        self._link = find_link(settings.story_link)

    async def Cluster(  # noqa: N802 - named by the .proto file
        self, request: pb.ClusterRequest, _context: Context
    ) -> pb.ClusterResponse:
        """Groups the articles of one request."""
        start = perf_counter()
        live = self._slot.get()
        articles = read_articles(
            request.articles,
            least=2,
            most=self._settings.max_cluster_articles,
            max_chars=self._settings.max_article_chars,
        )
        clustering, encoded = await cluster_live(live, articles, self._link)
        return pb.ClusterResponse(
            clusters=[to_cluster(cluster, articles) for cluster in clustering.clusters],
            loner_indices=clustering.loners,
            model=to_reference(live),
            timing=to_timing(encoded, perf_counter() - start),
            themes=map(to_theme, clustering.themes),
        )
