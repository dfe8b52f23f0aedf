"""What Prometheus is told of a server, under the names that its users know."""

from asyncio import CancelledError
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol
from weakref import WeakSet

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from service.call import Call
from service.errors import AddressInUse
from training.metrics import Metrics

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
CALL = ("grpc_type", "grpc_service", "grpc_method")

HANDLED = Counter("grpc_server_handled", "Calls that ended, by how.", (*CALL, "grpc_code"))
HANDLING = Histogram("grpc_server_handling_seconds", "How long calls took.", CALL, buckets=SECONDS)
QUEUE = Gauge("topicwire_queue_passages", "Passages that wait for the encoder.")
ENCODER = Histogram("topicwire_encoder_seconds", "How long encoder calls took.", buckets=SECONDS)
TOKENS = Counter("topicwire_encoder_tokens", "What the encoder read: text or padding.", ("kind",))
MODEL = Gauge("topicwire_model_number", "The number of the model in use.")
TRAINED_SHARE = Gauge(
    "topicwire_trained_share", "Of the corpus, held out, how much was given the topic.", ("topic",)
)
TRAINED_PROBABILITY = Gauge(
    "topicwire_trained_probability", "The mean probability of these labels.", ("topic",)
)
ARTICLES = Counter("topicwire_articles", "Articles that were labelled.")
LABELS = Counter("topicwire_labels", "Labels that were given.", ("topic",))
PROBABILITY = Counter("topicwire_label_probability", "The sum of their probabilities.", ("topic",))
UNFAMILIAR = Counter("topicwire_out_of_distribution", "Articles unlike all seen in training.")
STORY_ARTICLES = Counter("topicwire_story_articles", "Articles put into stories.", ("change",))


class Queue(Protocol):
    """Holds passages that wait for the encoder."""

    @property
    def waiting(self) -> int:
        """How many."""


QUEUES = WeakSet[Queue]()
"""Those whose passages `QUEUE` counts."""

QUEUE.set_function(lambda: sum(queue.waiting for queue in QUEUES))


def tell_model(number: int, metrics: Metrics) -> None:
    """Says which model is in use, and what it said of its corpus, to be held against the news."""
    MODEL.set(number)
    TRAINED_SHARE.clear()
    TRAINED_PROBABILITY.clear()
    for topic, found in metrics.topics.items():
        if found.share is not None:
            TRAINED_SHARE.labels(topic).set(found.share)
        if found.mean_probability is not None:
            TRAINED_PROBABILITY.labels(topic).set(found.mean_probability)


@contextmanager
def measured(call: Call) -> Iterator[None]:
    """Counts and times one call; one that its caller has left is CANCELLED."""
    start = perf_counter()
    _, service, name = call.method.split("/")
    try:
        yield
    except (CancelledError, GeneratorExit):
        call.code = "CANCELLED"
        raise
    finally:
        HANDLED.labels(call.kind, service, name, call.code).inc()
        HANDLING.labels(call.kind, service, name).observe(perf_counter() - start)


@contextmanager
def exposed(address: str) -> Iterator[None]:
    """Answers Prometheus over HTTP at HOST:PORT while the context lasts; nowhere if it is ""."""
    if not address:
        yield
        return
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host)
    except (OSError, ValueError, OverflowError):
        raise AddressInUse(address) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
