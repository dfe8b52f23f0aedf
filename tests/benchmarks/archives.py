"""Archives: `topicwire label` against `SetFitModel.predict`, and against the machine's limit.

Both use the news encoder and label AG News' test set, in turns; SetFit computes in float32, as it
does for whoever names a model. Its clock runs while `predict` does, Topicwire's from the first row
read to the last part written. Loading is left out of both. The limit is the matrix products of the
encoder's layers alone, on the same batches.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import torch

from service.archive.columns import Columns
from service.archive.engines.local import run_here
from service.archive.labellers import AccurateLabeller
from service.archive.options import OutputFormat
from service.archive.preparing import Request, prepare
from service.archive.sources import find_sources
from service.archive.work import PartWriter, Target, Worker
from tests.benchmarks.ag_news import read_test_set
from tests.benchmarks.builtin import train_builtin
from tests.benchmarks.peers import Peers
from training.batching import plan_batches
from training.corpus import builtin_corpus
from training.encoder import Precision
from training.model import Model
from training.sentence_encoder import SentenceEncoder, load_encoder
from training.store import Store
from training.taxonomy import builtin_taxonomy

ROUNDS = 3
COLUMNS = Columns(title="2", body="3")


def main(data: Path, peers: Peers) -> None:
    """Prints articles a second, and their ratio to SetFit's."""
    model, encoder = train_builtin()
    articles = [article for article, _ in read_test_set(data)]
    texts = [f"{article.title} {article.body}" for article in articles]
    with TemporaryDirectory() as folder, _setfit(peers, encoder, texts, Path(folder)) as setfit:
        contestants = {"Topicwire": _topicwire(data, model, encoder, Path(folder))}
        if setfit:
            contestants["`SetFitModel.predict`"] = setfit
        took: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(ROUNDS):
            for name, run in contestants.items():
                took[name].append(run())
    print(f"{len(articles)} articles of AG News, median of {ROUNDS} rounds")
    print("| what | articles a second | ratio |")
    print("|---|---|---|")
    slowest = max(median(each) for each in took.values())
    for name, each in took.items():
        print(f"| {name} | {len(articles) / median(each):.0f} | {slowest / median(each):.1f} |")
    print()
    _print_limit(encoder, texts)


def _topicwire(
    data: Path, model: Model, encoder: SentenceEncoder, folder: Path
) -> Callable[[], float]:
    store = Store(folder / "models")
    number = store.publish(model)
    sources = find_sources([str(data / "ag_news_test.csv")])

    def run() -> float:
        with TemporaryDirectory(dir=folder) as output:
            request = Request(
                sources=sources,
                output=output,
                store=store.root,
                model=number,
                columns=COLUMNS,
                output_format=OutputFormat.PARQUET,
                precision=Precision.AUTO,
                max_article_chars=200_000,
                threads=None,
            )
            start = perf_counter()
            job, work = prepare(request)
            job.begin()
            job.run(_Opened(model, encoder, work.target), run_here, lambda _: None)
            return perf_counter() - start

    return run


class _Opened:
    """Work whose model is loaded already."""

    def __init__(self, model: Model, encoder: SentenceEncoder, target: Target) -> None:
        self._label = AccurateLabeller(model, encoder)
        self._topics = model.taxonomy.ids
        self._target = target

    def open(self) -> Worker:
        return PartWriter(self._label, self._topics, self._target)


@contextmanager
def _setfit(
    peers: Peers, encoder: SentenceEncoder, texts: list[str], folder: Path
) -> Iterator[Callable[[], float] | None]:
    """Labels the texts once for each call, and says how long that took."""
    if not peers.setfit:
        yield None
        return
    load_encoder(encoder.reference.name, Precision.FLOAT32).save(folder / "encoder")
    taxonomy = builtin_taxonomy()
    corpus = builtin_corpus(taxonomy)
    given = {
        "encoder": str(folder / "encoder"),
        "texts": corpus.texts[:500],
        "targets": corpus.targets(taxonomy)[:500].tolist(),
        "asked": texts,
    }
    script = Path(__file__).with_name("setfit_predict_peer.py")
    with subprocess.Popen(
        [peers.setfit, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        answers, asked = process.stdout, process.stdin
        asked.write(json.dumps(given) + "\n")

        def run() -> float:
            asked.write("again\n")
            asked.flush()
            return float(answers.readline())

        yield run
        asked.close()


def _print_limit(encoder: SentenceEncoder, texts: list[str]) -> None:
    """Prints how much of the encoder's time its matrix products alone would take."""
    tokens = encoder.tokenize(texts[:2000])
    batches = plan_batches([len(each) for each in tokens], window=len(tokens))
    shapes = [(len(batch), max(len(tokens[at]) for at in batch)) for batch in batches]
    weights = [
        parameter.detach()
        for name, parameter in encoder.model.named_parameters()
        if parameter.ndim == 2 and "embeddings" not in name
    ]
    ratios = []
    for _ in range(ROUNDS):
        start = perf_counter()
        for batch in batches:
            encoder.encode_batch([tokens[at] for at in batch])
        whole = perf_counter() - start
        ratios.append(_multiply(weights, shapes) / whole)
    print(f"share of the encoder's time in its bare matrix products: {np.median(ratios):.2f}")


def _multiply(weights: list[torch.Tensor], shapes: list[tuple[int, int]]) -> float:
    inputs = {
        (count * length, weight.shape[1]): torch.randn(
            count * length, weight.shape[1], dtype=weight.dtype
        )
        for count, length in shapes
        for weight in weights
    }
    start = perf_counter()
    with torch.inference_mode():
        for count, length in shapes:
            for weight in weights:
                torch.nn.functional.linear(inputs[count * length, weight.shape[1]], weight)
    return perf_counter() - start
