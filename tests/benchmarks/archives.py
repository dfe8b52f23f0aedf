"""Archives: `topicwire label` in both modes against `SetFitModel.predict` and the machine's limit.

All use the news encoder and label AG News' test set, in turns. SetFit computes in float32, as it
does for whoever names a model; its clock runs while `predict` does. Topicwire's is that of the
whole job, reading and writing included, less that of a job of one article, as loading is left out
of both. The limit is the matrix products of the encoder's layers alone, on the same batches.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import openvino
import pandas as pd
from openvino import opset13
from sklearn.metrics import f1_score

from service.archive.columns import Columns
from service.archive.engines.local import run_here
from service.archive.labellers import STUDENT, make_labeller
from service.archive.options import Mode, OutputFormat
from service.archive.parts import LabelArticles
from service.archive.preparing import Request, prepare
from service.archive.sources import find_sources
from tests.benchmarks.ag_news import read_test_set
from tests.benchmarks.builtin import train_fast
from tests.benchmarks.peers import Peers
from tests.benchmarks.wires import read_wires
from training.article import Article
from training.batching import pad_length, plan_calls
from training.compiled import compiler_options
from training.corpus import builtin_corpus, load_corpus
from training.encoder import Precision
from training.model import Model
from training.quantize import quantize_products
from training.sentence_encoder import SentenceEncoder, load_encoder
from training.store import Store
from training.taxonomy import builtin_taxonomy

ROUNDS = 3
EVERY = 6
"""Which of the wire stories are read."""
COLUMNS = Columns(title="2", body="3")
MATRIX = 2
"""Dimensions of the weights of a product."""


def main(data: Path, peers: Peers) -> None:
    """Prints articles a second, their ratio to SetFit's, and how far the modes agree."""
    model, encoder = train_fast()
    articles = [article for article, _ in read_test_set(data)]
    texts = [f"{article.title} {article.body}" for article in articles]
    with TemporaryDirectory() as name, _setfit(peers, encoder, texts, Path(name)) as setfit:
        folder = Path(name)
        store = Store(folder / "models")
        store.publish(model)
        jobs = {mode: partial(_time_job, data, store, folder, mode) for mode in Mode}
        runs: dict[str, Callable[[], float]] = {f"Topicwire, {m}": jobs[m] for m in Mode}
        if setfit:
            runs["`SetFitModel.predict`"] = setfit
        took: dict[str, list[float]] = {each: [] for each in runs}
        for _ in range(ROUNDS):
            for each, run in runs.items():
                took[each].append(run())
        accurate, fast = (pd.read_parquet(folder / mode / "articles") for mode in Mode)
    print(f"{len(articles)} articles of AG News, median of {ROUNDS} rounds")
    print("| what | articles a second | ratio |")
    print("|---|---|---|")
    slowest = max(median(each) for each in took.values())
    for each, seconds in took.items():
        print(
            f"| {each} | {len(articles) / median(seconds):.0f} | {slowest / median(seconds):.1f} |"
        )
    same = [{*one} == {*two} for one, two in zip(accurate["topics"], fast["topics"], strict=True)]
    alone = (fast["stage"] == STUDENT).mean()
    print(f"\nfast: same labels for {np.mean(same):.2%}, by the student alone {alone:.1%}")
    _print_scores(data, model, encoder)
    _print_limit(encoder, texts)


def _time_job(data: Path, store: Store, folder: Path, mode: Mode) -> float:
    """Seconds of the job on AG News, those of a job of one article taken off."""
    one = folder / "one.csv"
    one.write_text('"3","Title","Body"\n')
    whole = _run_job(data / "ag_news_test.csv", store, folder / mode, mode)
    return whole - _run_job(one, store, folder / "one", mode)


def _run_job(archive: Path, store: Store, output: Path, mode: Mode) -> float:
    request = Request(
        sources=find_sources([str(archive)]),
        output=str(output),
        store=store.root,
        model=1,
        columns=COLUMNS,
        output_format=OutputFormat.PARQUET,
        precision=Precision.AUTO,
        mode=mode,
        max_article_chars=200_000,
        threads=None,
    )
    start = perf_counter()
    job, work = prepare(request)
    job.begin(restart=True)
    job.run(work, run_here, lambda _: None)
    return perf_counter() - start


def _print_scores(data: Path, model: Model, encoder: SentenceEncoder) -> None:
    """How far the modes agree on other articles, and macro-F1 of both on real passages."""
    real = load_corpus([data / "conflict_dev.jsonl"], model.taxonomy)
    labellers = {mode: make_labeller(mode, model, encoder) for mode in Mode}
    targets = real.targets(model.taxonomy)
    for mode, topics in _compare(labellers, "real passages", real.articles).items():
        given = np.array([[topic in own for topic in model.taxonomy.ids] for own in topics])
        print(f"{mode}: macro-F1 {f1_score(targets, given, average='macro'):.3f}")
    _compare(labellers, "wire stories", read_wires(data)[::EVERY])


def _compare(
    labellers: dict[Mode, LabelArticles], name: str, articles: list[Article]
) -> dict[Mode, list[frozenset[str]]]:
    """The topics that each mode gives to each article."""
    found = {
        mode: [each.labelling.topics for each in label(articles)]
        for mode, label in labellers.items()
    }
    same = np.mean([one == two for one, two in zip(*found.values(), strict=True)])
    print(f"{len(articles)} {name}: same labels for {same:.2%}")
    return found


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
    batches = plan_calls([len(each) for each in tokens], window=len(tokens))
    shapes = [(len(batch), pad_length(max(len(tokens[at]) for at in batch))) for batch in batches]
    products = _compile_products(encoder)
    ratios = []
    for _ in range(ROUNDS):
        start = perf_counter()
        for batch in batches:
            encoder.encode_batch([tokens[at] for at in batch])
        whole = perf_counter() - start
        ratios.append(_multiply(products, shapes) / whole)
    print(f"share of the encoder's time in its bare matrix products: {np.median(ratios):.2f}")


def _compile_products(encoder: SentenceEncoder) -> openvino.CompiledModel:
    """Each product of the encoder on its own: one input for each width of its weights."""
    inputs: dict[int, openvino.Node] = {}
    products = []
    for name, parameter in encoder.model.named_parameters():
        if parameter.ndim == MATRIX and "embeddings" not in name:
            weights = parameter.detach().float().numpy()
            width = weights.shape[1]
            if width not in inputs:
                inputs[width] = opset13.parameter([-1, width], np.float32)
            product = opset13.matmul(
                inputs[width], opset13.constant(weights), transpose_a=False, transpose_b=True
            )
            products.append(product)
    model = openvino.Model(products, [*inputs.values()])
    quantize_products(model)
    options = compiler_options(Precision.INT8, lanes=1, threads=1)
    return openvino.Core().compile_model(model, "CPU", options)


def _multiply(products: openvino.CompiledModel, shapes: list[tuple[int, int]]) -> float:
    """Seconds of all products of batches of these shapes, on one core."""
    draw = np.random.default_rng(0)
    request = products.create_infer_request()
    seconds = 0.0
    for count, length in shapes:
        widths = [each.partial_shape[1].get_length() for each in products.inputs]
        given = [draw.normal(size=(count * length, each)).astype("f4") for each in widths]
        start = perf_counter()
        request.infer(given)
        seconds += perf_counter() - start
    return seconds
