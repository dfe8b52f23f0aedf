"""Every call a client makes: what it sends, and what it makes of the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2
from topicwire.v1 import classification_pb2, clustering_pb2, models_pb2, stories_pb2

from service.clustering.clusters import Clustering
from service.errors import CallFailed
from service.rpc.answers import Placed, Story, StoryArticle
from service.rpc.converters import from_classification, from_clusters, to_article, to_timestamp
from service.rpc.statuses import code_of
from service.rpc.story_converters import from_assignment, from_story, from_story_article
from service.storage.stories import StoryFilter
from training.article import Article
from training.labels import Labelling

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """One request, and how to read what comes back."""

    method: str
    request: Message
    response: type[Message]
    read: Callable[[Any], Answer]


def classify(articles: Sequence[Article], model: str) -> Call[tuple[int, list[Labelling]]]:
    """The number of the model that answers, and the labels of each article."""
    return Call(
        "/topicwire.v1.ClassificationService/Classify",
        classification_pb2.ClassifyRequest(articles=map(to_article, articles), model=model),
        classification_pb2.ClassifyResponse,
        lambda answer: (answer.model.number, [*map(from_classification, answer.classifications)]),
    )


def stream_classify(article: Article, model: str) -> classification_pb2.StreamClassifyRequest:
    """One message of a stream."""
    return classification_pb2.StreamClassifyRequest(article=to_article(article), model=model)


def read_classified(
    answer: classification_pb2.StreamClassifyResponse,
) -> Labelling | CallFailed:
    """The labels of an article of a stream, or why it has none."""
    if answer.WhichOneof("result") == "error":
        return _failure(answer.error)
    return from_classification(answer.classification)


def cluster(articles: Sequence[Article]) -> Call[Clustering]:
    """The clusters of the articles."""
    return Call(
        "/topicwire.v1.ClusteringService/Cluster",
        clustering_pb2.ClusterRequest(articles=map(to_article, articles)),
        clustering_pb2.ClusterResponse,
        from_clusters,
    )


def assign_story(article: Article) -> Call[Placed]:
    """The article in its story."""
    return Call(
        "/topicwire.v1.StoryService/AssignStory",
        stories_pb2.AssignStoryRequest(article=to_article(article)),
        stories_pb2.AssignStoryResponse,
        lambda answer: from_assignment(answer.assignment),
    )


def stream_assign(article: Article) -> stories_pb2.StreamAssignStoriesRequest:
    """One message of a stream."""
    return stories_pb2.StreamAssignStoriesRequest(article=to_article(article))


def read_assigned(answer: stories_pb2.StreamAssignStoriesResponse) -> Placed | CallFailed:
    """An article of a stream in its story, or why it is in none."""
    if answer.WhichOneof("result") == "error":
        return _failure(answer.error)
    return from_assignment(answer.assignment)


def get_story(
    number: int, page_size: int, page_token: str
) -> Call[tuple[Story, list[StoryArticle], str]]:
    """The story, a page of its articles and the token of the next page."""
    return Call(
        "/topicwire.v1.StoryService/GetStory",
        stories_pb2.GetStoryRequest(number=number, page_size=page_size, page_token=page_token),
        stories_pb2.GetStoryResponse,
        lambda answer: (
            from_story(answer.story),
            [*map(from_story_article, answer.articles)],
            answer.next_page_token,
        ),
    )


def list_stories(
    wanted: StoryFilter, page_size: int, page_token: str
) -> Call[tuple[list[Story], str]]:
    """A page of stories and the token of the next."""
    return Call(
        "/topicwire.v1.StoryService/ListStories",
        stories_pb2.ListStoriesRequest(
            page_size=page_size,
            page_token=page_token,
            published_after=to_timestamp(wanted.published_after),
            published_before=to_timestamp(wanted.published_before),
            topic_id=wanted.topic,
            text=wanted.text,
            min_size=wanted.min_size,
        ),
        stories_pb2.ListStoriesResponse,
        lambda answer: ([*map(from_story, answer.stories)], answer.next_page_token),
    )


def promote_model(number: int) -> Call[int]:
    """The number of the model that is current then."""
    return Call(
        "/topicwire.v1.ModelService/PromoteModel",
        models_pb2.PromoteModelRequest(number=number),
        models_pb2.PromoteModelResponse,
        lambda answer: int(answer.model.number),
    )


def rollback_model() -> Call[int]:
    """The number of the model that is current then."""
    return Call(
        "/topicwire.v1.ModelService/RollbackModel",
        models_pb2.RollbackModelRequest(),
        models_pb2.RollbackModelResponse,
        lambda answer: int(answer.model.number),
    )


def check_health(service: str) -> Call[bool]:
    """Whether the service answers calls."""
    return Call(
        "/grpc.health.v1.Health/Check",
        health_pb2.HealthCheckRequest(service=service),
        health_pb2.HealthCheckResponse,
        lambda answer: bool(answer.status == health_pb2.HealthCheckResponse.SERVING),
    )


def _failure(status: Status) -> CallFailed:
    return CallFailed(f"{code_of(status).name}: {status.message}")
