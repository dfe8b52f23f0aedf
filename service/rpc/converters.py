"""Turns answers into messages, and for clients back."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from topicwire.v1 import (
    articles_pb2,
    classification_pb2,
    clustering_pb2,
    feedback_pb2,
    models_pb2,
)

from service.clustering.clusters import Cluster, Clustering, Member, Theme
from service.labelling.encoded import Encoded
from service.labelling.history import Hour
from service.labelling.live import LiveModel
from service.labelling.review import ReviewItem
from training.article import Article
from training.labels import Evidence, Label, Labelling
from training.model import Model
from training.passages import Field, Passage
from training.taxonomy import Topic

_FIELDS = {
    Field.TITLE: articles_pb2.ARTICLE_FIELD_TITLE,
    Field.BODY: articles_pb2.ARTICLE_FIELD_BODY,
}


def to_classification(article: Article, labelling: Labelling) -> classification_pb2.Classification:
    """What one article is about."""
    return classification_pb2.Classification(
        article_id=article.id,
        labels=[_to_label(label) for label in labelling.labels],
        scores=_to_scores(labelling.probabilities.items()),
        out_of_distribution=labelling.out_of_distribution,
        distance=labelling.distance,
    )


def _to_scores(
    probabilities: Iterable[tuple[str, float]],
) -> list[classification_pb2.TopicScore]:
    return [
        classification_pb2.TopicScore(topic_id=topic, probability=probability)
        for topic, probability in probabilities
    ]


def _to_label(label: Label) -> classification_pb2.Label:
    return classification_pb2.Label(
        topic_id=label.topic,
        probability=label.probability,
        threshold=label.threshold,
        evidence=[_to_evidence(evidence) for evidence in label.evidence],
    )


def _to_evidence(evidence: Evidence) -> classification_pb2.Evidence:
    return classification_pb2.Evidence(
        passage=_to_passage(evidence.passage), probability=evidence.probability
    )


def _to_passage(passage: Passage) -> articles_pb2.Passage:
    return articles_pb2.Passage(
        field=_FIELDS[passage.field], start=passage.start, end=passage.end, text=passage.text
    )


def to_topic(topic: Topic, threshold: float) -> classification_pb2.Topic:
    """One topic of the live model's taxonomy."""
    return classification_pb2.Topic(
        id=topic.id,
        name=topic.name,
        description=topic.description,
        seed_phrases=topic.seed_phrases,
        threshold=threshold,
    )


def to_cluster(cluster: Cluster, articles: Sequence[Article]) -> clustering_pb2.Cluster:
    """A group of the request's articles."""
    return clustering_pb2.Cluster(
        id=cluster.id,
        headline=cluster.headline,
        terms=cluster.terms,
        central_index=cluster.central,
        members=[
            clustering_pb2.ClusterMember(
                index=member.index,
                article_id=articles[member.index].id,
                similarity=member.similarity,
            )
            for member in cluster.members
        ],
    )


def to_theme(theme: Theme) -> clustering_pb2.Theme:
    """The message of a theme."""
    return clustering_pb2.Theme(
        id=theme.id, terms=theme.terms, cluster_ids=theme.clusters, loner_indices=theme.loners
    )


def to_model(
    number: int, model: Model, aliases: Sequence[str], live: LiveModel | None
) -> models_pb2.Model:
    """A model of the store.

    Args:
        number: in the store.
        model: itself.
        aliases: that point to it.
        live: the same in use, if it is.
    """
    manifest = model.manifest
    return models_pb2.Model(
        number=number,
        aliases=aliases,
        live=live is not None,
        create_time=to_timestamp(manifest.created_at),
        encoder=models_pb2.EncoderReference(
            name=manifest.encoder.name,
            dimension=manifest.encoder.dimension,
            sha256=manifest.encoder.sha256,
            tuned=manifest.encoder.tuned,
        ),
        topics=[
            models_pb2.TopicMetrics(
                topic_id=topic,
                threshold=found.threshold,
                precision=found.precision,
                recall=found.recall,
                f1=found.f1,
                average_precision=found.average_precision,
                expected_calibration_error=found.ece,
                support=found.support,
                share=found.share,
                mean_probability=found.mean_probability,
            )
            for topic, found in model.metrics.topics.items()
        ],
        macro_f1=model.metrics.macro_f1,
        micro_f1=model.metrics.micro_f1,
        corpus_size=manifest.corpus.size,
        corpus_sha256=manifest.corpus.sha256,
        seed=manifest.seed,
        hours=_to_hours(live) if live else (),
    )


def _to_hours(live: LiveModel) -> list[models_pb2.HourlyLabels]:
    topics = live.model.taxonomy.ids
    return [_to_hour(hour, topics) for hour in live.history.hours()]


def _to_hour(hour: Hour, topics: Sequence[str]) -> models_pb2.HourlyLabels:
    return models_pb2.HourlyLabels(
        start_time=to_timestamp(hour.start),
        articles=hour.articles,
        out_of_distribution=hour.out_of_distribution,
        topics=[
            models_pb2.HourlyTopic(
                topic_id=topic,
                share=hour.labels[topic] / hour.articles,
                mean_probability=hour.probabilities[topic] / hour.labels[topic],
            )
            for topic in topics
            if hour.labels[topic]
        ],
    )


def to_review_item(item: ReviewItem, topics: Sequence[str]) -> feedback_pb2.ReviewItem:
    """A passage for a person to label."""
    return feedback_pb2.ReviewItem(
        text=item.text,
        uncertainty=item.uncertainty,
        scores=_to_scores(zip(topics, item.probabilities.tolist(), strict=True)),
    )


def to_reference(live: LiveModel) -> articles_pb2.ModelReference:
    """Which model answered."""
    encoder = live.model.manifest.encoder
    name = f"{encoder.name} (tuned)" if encoder.tuned else encoder.name
    return articles_pb2.ModelReference(number=live.number, encoder=name)


def to_timing(encoded: Encoded, total_seconds: float) -> articles_pb2.Timing:
    """Where the time went."""
    return articles_pb2.Timing(
        queue_time=_to_duration(encoded.queue_seconds),
        encode_time=_to_duration(encoded.encode_seconds),
        total_time=_to_duration(total_seconds),
    )


def _to_duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds))
    return duration


def to_timestamp(time: datetime | None) -> Timestamp | None:
    """The message of a time; None for none."""
    if time is None:
        return None
    message = Timestamp()
    message.FromDatetime(time)
    return message


def from_timestamp(message: Timestamp) -> datetime:
    """The time of a message, in UTC."""
    return message.ToDatetime(tzinfo=UTC)


def to_article(article: Article) -> articles_pb2.Article:
    """An article as a caller sends it."""
    return articles_pb2.Article(
        id=article.id,
        title=article.title,
        body=article.body,
        url=article.url,
        source=article.source,
        language=article.language,
        published_at=to_timestamp(article.published_at),
    )


def from_classification(message: classification_pb2.Classification) -> Labelling:
    """What `to_classification` was given."""
    return Labelling(
        labels=tuple(_from_label(label) for label in message.labels),
        probabilities={score.topic_id: score.probability for score in message.scores},
        distance=message.distance if message.HasField("distance") else None,
        out_of_distribution=message.out_of_distribution,
    )


def _from_label(message: classification_pb2.Label) -> Label:
    return Label(
        topic=message.topic_id,
        probability=message.probability,
        threshold=message.threshold,
        evidence=tuple(
            Evidence(_from_passage(evidence.passage), evidence.probability)
            for evidence in message.evidence
        ),
    )


def _from_passage(message: articles_pb2.Passage) -> Passage:
    fields = {number: field for field, number in _FIELDS.items()}
    return Passage(fields[message.field], message.start, message.end, message.text)


def from_clusters(message: clustering_pb2.ClusterResponse) -> Clustering:
    """The clusters and loners of an answer."""
    return Clustering(
        clusters=tuple(
            Cluster(
                id=cluster.id,
                headline=cluster.headline,
                terms=tuple(cluster.terms),
                members=tuple(Member(m.index, m.similarity) for m in cluster.members),
                central=cluster.central_index,
            )
            for cluster in message.clusters
        ),
        loners=tuple(message.loner_indices),
        themes=tuple(
            Theme(
                theme.id, tuple(theme.terms), tuple(theme.cluster_ids), tuple(theme.loner_indices)
            )
            for theme in message.themes
        ),
    )
