import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from grpc_status import rpc_status
from topicwire.v1 import articles_pb2 as articles
from topicwire.v1 import clustering_pb2 as pb
from topicwire.v1.clustering_pb2_grpc import ClusteringServiceStub

TITLES = ("Flood hits river town", "Orchestra hires conductor", "River flood hits town again")


def request(*titles):
    return pb.ClusterRequest(articles=[articles.Article(id=t[:5], title=t) for t in titles])


async def test_articles_that_belong_together_come_back_together(serving):
    async with serving() as running:
        response = await ClusteringServiceStub(running.channel).Cluster(request(*TITLES))
    [cluster] = response.clusters
    assert [(member.index, member.article_id) for member in cluster.members] == [
        (0, "Flood"),
        (2, "River"),
    ]
    assert all(0.5 < member.similarity <= 1.001 for member in cluster.members)
    assert cluster.central_index in {0, 2}
    assert cluster.headline == TITLES[cluster.central_index]
    assert (cluster.id, [*response.loner_indices], response.model.number) == ("c1", [1], 1)
    assert len(cluster.terms) > 0


@pytest.mark.parametrize("count", [0, 1, 5])
async def test_too_few_or_too_many_articles_are_refused(serving, count):
    async with serving(max_cluster_articles=4) as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ClusteringServiceStub(running.channel).Cluster(request(*["title"] * count))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "must have 2 to 4" in str(caught.value.details())


async def test_an_article_without_text_is_named_by_its_path(serving):
    async with serving() as running:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ClusteringServiceStub(running.channel).Cluster(request("a", " "))
    status = rpc_status.from_call(caught.value)  # type: ignore[arg-type]
    found = BadRequest()
    assert status.details[1].Unpack(found)
    assert [violation.field for violation in found.field_violations] == ["articles[1].body"]


async def test_five_thousand_articles_are_clustered(serving):
    titles = [f"story{at % 1250} update{at % 1250} part" for at in range(5000)]
    async with serving() as running:
        response = await ClusteringServiceStub(running.channel).Cluster(request(*titles))
    assert sum(len(cluster.members) for cluster in response.clusters) == 5000
    assert len(response.clusters) <= 1250
