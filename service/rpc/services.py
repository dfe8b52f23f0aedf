"""The names of Topicwire's gRPC services."""

from topicwire.v1 import (
    classification_pb2,
    clustering_pb2,
    feedback_pb2,
    models_pb2,
    stories_pb2,
)

SERVICES = tuple(
    module.DESCRIPTOR.services_by_name[name].full_name
    for module, name in (
        (classification_pb2, "ClassificationService"),
        (clustering_pb2, "ClusteringService"),
        (stories_pb2, "StoryService"),
        (models_pb2, "ModelService"),
        (feedback_pb2, "FeedbackService"),
    )
)
