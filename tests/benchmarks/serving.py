"""A stream, and many callers, against the bare encoder, in turns in one process, on the same texts.

The bare encoder is `SentenceTransformer.encode` as people call it, and our own batches of the
same encoder without a server, which is the limit. Ratios are medians over the rounds.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
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
CALLERS = 64
IDLE = 200
NAMES = (
    "`SentenceTransformer.encode`",
    "bare encoder",
    "served: one stream",
    f"served: {CALLERS} callers of one article each",
)


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
            idle = [await _added(articles[at], encoder, stub) for at in range(IDLE)]
    seconds = [median(times) for times in zip(*rounds, strict=True)]
    print(f"{len(articles)} AG News articles, {len(texts)} passages, median of {ROUNDS} rounds")
    print("| what | articles a second | ratio to the bare encoder |")
    print("|---|---|---|")
    for at, name in enumerate(NAMES):
        ratio = median(times[1] / times[at] for times in rounds)
        print(f"| {name} | {len(articles) / seconds[at]:.0f} | {ratio:.2f} |")
    print(f"added to one call at idle, median of {IDLE}: {median(idle) * 1000:.1f} ms")


async def _round(
    articles: Sequence[Article],
    texts: Sequence[str],
    encoder: SentenceEncoder,
    stub: "ClassificationServiceAsyncStub",
) -> tuple[float, ...]:
    """Seconds for each of `NAMES`."""
    start = perf_counter()
    encoder.model.encode(list(texts), normalize_embeddings=True)
    usual = perf_counter()
    encode_texts(encoder, texts)
    bare = perf_counter()
    assert [r.index async for r in stub.StreamClassify(_requests(articles))] == [
        *range(len(articles))
    ]
    streamed = perf_counter()
    waiting = iter(articles)
    await asyncio.gather(*(_call(waiting, stub) for _ in range(CALLERS)))
    return usual - start, bare - usual, streamed - bare, perf_counter() - streamed


async def _call(waiting: Iterator[Article], stub: "ClassificationServiceAsyncStub") -> None:
    for article in waiting:
        await stub.Classify(pb.ClassifyRequest(articles=[to_article(article)]))


async def _added(
    article: Article, encoder: SentenceEncoder, stub: "ClassificationServiceAsyncStub"
) -> float:
    """Seconds of one call, less those of the encoder on the same text."""
    start = perf_counter()
    encoder.encode_batch(encoder.tokenize([article.title]))
    bare = perf_counter()
    await stub.Classify(pb.ClassifyRequest(articles=[to_article(replace(article, body=""))]))
    return perf_counter() - bare - (bare - start)


async def _requests(articles: Sequence[Article]) -> AsyncIterator[pb.StreamClassifyRequest]:
    for article in articles:
        yield pb.StreamClassifyRequest(article=to_article(article))
