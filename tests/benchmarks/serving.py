"""One streaming client against the bare encoder, in turns in one process, on the same texts.

The bare encoder is `SentenceTransformer.encode` as people call it, and our own batches of the
same encoder without a server, which is the limit. Ratios are medians over the rounds.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import grpc
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

from service.labelling.live import go_live
from service.rpc.converters import to_article
from service.rpc.server import listening
from service.settings import Settings
from tests.benchmarks.ag_news import read_test_set
from tests.benchmarks.builtin import train_builtin
from training.article import Article
from training.encoder import encode_texts
from training.sentence_encoder import SentenceEncoder
from training.store import Store

if TYPE_CHECKING:
    from topicwire.v1.classification_pb2_grpc import ClassificationServiceAsyncStub

TEXTS = 1000
ROUNDS = 3


def main(data: Path) -> None:
    """Prints articles a second and their ratio to the bare encoder."""
    asyncio.run(_measure([article for article, _ in read_test_set(data)][:TEXTS]))


async def _measure(articles: Sequence[Article]) -> None:
    model, encoder = train_builtin()
    texts = [passage.text for group in model.split(articles, encoder) for passage in group]
    with TemporaryDirectory() as folder:
        settings = Settings(listen="127.0.0.1:0", store=Path(folder))
        async with (
            listening(settings, Store(settings.store)) as server,
            go_live(1, model, encoder, settings) as live,
            grpc.aio.insecure_channel(server.address) as channel,
        ):
            await server.serve(live)
            stub = ClassificationServiceStub(channel)
            rounds = [await _round(articles, texts, encoder, stub) for _ in range(ROUNDS)]
    usual, bare, served = (median(times) for times in zip(*rounds, strict=True))
    print(f"{len(articles)} AG News articles, {len(texts)} passages, median of {ROUNDS} rounds")
    print("| what | articles a second | ratio to the bare encoder |")
    print("|---|---|---|")
    for name, at in (("SentenceTransformer.encode", 0), ("bare encoder", 1), ("served", 2)):
        ratio = median(times[1] / times[at] for times in rounds)
        print(f"| {name} | {len(articles) / (usual, bare, served)[at]:.0f} | {ratio:.2f} |")


async def _round(
    articles: Sequence[Article],
    texts: Sequence[str],
    encoder: SentenceEncoder,
    stub: "ClassificationServiceAsyncStub",
) -> tuple[float, float, float]:
    """Seconds for sentence-transformers' own loop, our batches, and the stream."""
    start = perf_counter()
    encoder.model.encode(list(texts), normalize_embeddings=True)
    usual = perf_counter()
    encode_texts(encoder, texts)
    bare = perf_counter()
    assert [r.index async for r in stub.StreamClassify(_requests(articles))] == [
        *range(len(articles))
    ]
    return usual - start, bare - usual, perf_counter() - bare


async def _requests(articles: Sequence[Article]) -> AsyncIterator[pb.StreamClassifyRequest]:
    for article in articles:
        yield pb.StreamClassifyRequest(article=to_article(article))
