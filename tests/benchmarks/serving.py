"""A stream, and many callers, against the bare encoder, in turns, on the same texts.

The bare encoder is `SentenceTransformer.encode` as people call it, and our own batches of the
same encoder without a server, which is the limit. The server is a process of its own; its callers
share the cores with it. Ratios are medians over the rounds.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import grpc
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

from service.rpc.converters import to_article
from tests.benchmarks.ag_news import read_test_set
from tests.benchmarks.builtin import train_builtin
from tests.benchmarks.load import METHOD, to_request
from tests.benchmarks.servers import serving
from training.article import Article
from training.encoder import encode_texts
from training.passages import readings
from training.sentence_encoder import SentenceEncoder

TEXTS = 1000
ROUNDS = 5
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
    articles = [article for article, _ in read_test_set(data)][:TEXTS]
    model, encoder = train_builtin()
    texts = readings(model.split(articles, encoder))
    with serving([model]) as server:
        rounds = [
            (*_encode(encoder, texts), *asyncio.run(_ask(server.address, articles)))
            for _ in range(ROUNDS)
        ]
        idle = asyncio.run(_idle(server.address, articles, encoder))
    seconds = [median(times) for times in zip(*rounds, strict=True)]
    print(f"{len(articles)} AG News articles, {len(texts)} passages, median of {ROUNDS} rounds")
    print("| what | articles a second | ratio to the bare encoder |")
    print("|---|---|---|")
    for at, name in enumerate(NAMES):
        ratio = median(times[1] / times[at] for times in rounds)
        print(f"| {name} | {len(articles) / seconds[at]:.0f} | {ratio:.2f} |")
    print(f"added to one call at idle, median of {IDLE}: {median(idle) * 1000:.1f} ms")


def _encode(encoder: SentenceEncoder, texts: Sequence[str]) -> tuple[float, float]:
    """Seconds of the first two of `NAMES`."""
    start = perf_counter()
    encoder.model.encode(list(texts), normalize_embeddings=True)
    usual = perf_counter()
    encode_texts(encoder, texts)
    return usual - start, perf_counter() - usual


async def _ask(address: str, articles: Sequence[Article]) -> tuple[float, float]:
    """Seconds of the others."""
    requests = [pb.StreamClassifyRequest(article=to_article(each)) for each in articles]
    bodies = [to_request(each).SerializeToString() for each in articles]
    async with grpc.aio.insecure_channel(address) as channel:
        start = perf_counter()
        answers = ClassificationServiceStub(channel).StreamClassify(_send(requests))
        assert [each.index async for each in answers] == [*range(len(articles))]
        streamed = perf_counter()
        waiting = iter(bodies)
        ask: Any = channel.unary_unary(METHOD)
        await asyncio.gather(*(_ask_in_turn(ask, waiting) for _ in range(CALLERS)))
        return streamed - start, perf_counter() - streamed


async def _send(requests: Sequence[pb.StreamClassifyRequest]) -> AsyncIterator[Any]:
    for each in requests:
        yield each


async def _ask_in_turn(ask: Any, waiting: Iterator[bytes]) -> None:
    for body in waiting:
        await ask(body)


async def _idle(address: str, articles: Sequence[Article], encoder: SentenceEncoder) -> list[float]:
    """Seconds of calls of one title, one after the other, less those of the encoder on the same."""
    added = []
    async with grpc.aio.insecure_channel(address) as channel:
        ask = ClassificationServiceStub(channel).Classify
        for each in articles[:IDLE]:
            start = perf_counter()
            encoder.encode_batch(encoder.tokenize([each.title]))
            bare = perf_counter()
            await ask(to_request(Article(title=each.title)))
            added.append(perf_counter() - bare - (bare - start))
    return added
