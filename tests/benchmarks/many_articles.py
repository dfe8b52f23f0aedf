"""What grouping ever more articles at once takes, up to as many as `topicwire cluster` reads.

Each paragraph of the wire stories, with their title, is an article of its own. To read them all
with an encoder would take most of the time, so their embeddings are sums of a random direction for
each word: texts of the same words are alike, as they are to an encoder.
"""

import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer

from service.clustering.groups import group_articles
from tests.benchmarks.wires import read_wires
from training.arrays import Embeddings
from training.article import Article
from training.stories.link import find_link

SIZES = (10_000, 30_000, 100_000)
FEWEST_WORDS = 9
DIMENSION = 384


def main(data: Path) -> None:
    """Prints seconds and memory for so many articles, or for all if there are fewer."""
    print("| articles | groups | seconds | MiB at most |\n|---|---|---|---|")
    for size in SIZES:
        # In a process of its own: what it has taken at most can't be asked twice.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            print(process.submit(_group, data, size).result(), flush=True)


def _group(data: Path, size: int) -> str:
    articles = _read_paragraphs(data)
    chosen = np.random.default_rng(0).permutation(len(articles))[:size]
    articles = [articles[at] for at in chosen]
    embeddings = _embed(articles)
    start = perf_counter()
    groups = group_articles(articles, embeddings, find_link(None))
    seconds = perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"| {len(articles):,} | {groups.max() + 1:,} | {seconds:.0f} | {memory:.0f} |"


def _read_paragraphs(data: Path) -> list[Article]:
    return [
        Article(title=wire.title, body=" ".join(words))
        for wire in read_wires(data)
        for paragraph in wire.body.split("\n    ")
        if len(words := paragraph.split()) >= FEWEST_WORDS
    ]


def _embed(articles: list[Article]) -> Embeddings:
    """float32 [articles, dimension], unit length."""
    words = HashingVectorizer(n_features=2**16, stop_words="english").transform(
        [article.text for article in articles]
    )
    directions = np.random.default_rng(0).standard_normal((words.shape[1], DIMENSION))
    sums = np.asarray(words @ directions, dtype=np.float32)
    unit: Embeddings = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return unit
