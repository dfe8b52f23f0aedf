"""What people write by hand: a servicer that calls `model.encode` for each request.

`python -m tests.benchmarks.plain_servicer STORE ADDRESS PRECISION`
"""

import asyncio
import sys
from pathlib import Path

import grpc
from topicwire.v1 import classification_pb2 as pb
from topicwire.v1.classification_pb2_grpc import (
    ClassificationServiceServicer,
    add_ClassificationServiceServicer_to_server,
)

from service.labelling.opening import Opener
from training.encoder import Precision
from training.store import Store


class PlainServicer(ClassificationServiceServicer):
    """Has the same encoder and the same heads."""

    def __init__(self, store: Path, precision: Precision) -> None:
        opened = Opener(Store(store), precision).open(1)
        self._model = opened.model
        self._encode = opened.encoder.model.encode  # type: ignore[attr-defined]

    async def Classify(self, request: pb.ClassifyRequest, _context: object) -> pb.ClassifyResponse:  # noqa: N802
        texts = [f"{article.title}\n{article.body}" for article in request.articles]
        embeddings = await asyncio.to_thread(
            self._encode, texts, normalize_embeddings=True, show_progress_bar=False
        )
        scores = self._model.score(embeddings).probabilities
        return pb.ClassifyResponse(
            classifications=[
                pb.Classification(
                    scores=[
                        pb.TopicScore(topic_id=topic, probability=probability)
                        for topic, probability in zip(
                            self._model.taxonomy.ids, row.tolist(), strict=True
                        )
                    ]
                )
                for row in scores
            ]
        )


async def main(store: Path, address: str, precision: Precision) -> None:
    """Serves until it is killed."""
    server = grpc.aio.server()
    add_ClassificationServiceServicer_to_server(PlainServicer(store, precision), server)  # type: ignore[abstract]
    server.add_insecure_port(address)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Precision(sys.argv[3])))
