"""Stories and themes on real news: against BERTopic, and online with cross-validated links."""

import gc
import json
import multiprocessing
import resource
import subprocess
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix, pair_confusion_matrix

from service.clustering.groups import group_articles
from service.clustering.kept import KeptStories
from service.clustering.rows import Arrival
from service.clustering.stories import Stories
from service.clustering.themes import find_themes
from service.storage.database import open_database
from service.storage.stories import StoryBook
from tests.benchmarks.ag_news import read_test_set
from tests.benchmarks.headlines import read_headlines, read_rows
from tests.benchmarks.peers import Peers
from training.arrays import Embeddings
from training.article import Article
from training.encoder import EncoderReference
from training.pooling import embed_articles
from training.sentence_encoder import load_encoder
from training.stories.fit import fit_link
from training.stories.link import Link, find_link
from training.stories.told import ToldArticle
from training.weights import DEFAULT_ENCODER

HEADER = (
    "| news | what | groups | outliers | AMI | ARI | B³-F1 | pairwise F1 | seconds |\n"
    "|---|---|---|---|---|---|---|---|---|"
)
SIZES = (1_000, 10_000, 100_000)
MEASURED = 500
OUTLIER = -1

Groups = NDArray[np.intp]


class News(NamedTuple):
    """Real articles whose groups are known."""

    name: str
    articles: list[Article]
    gold: list[str]
    themes: bool = False


def main(data: Path, peers: Peers) -> None:
    """Prints groups found offline, stories found online, and what many open stories cost."""
    encoder = load_encoder(DEFAULT_ENCODER, int8=False)
    rows = read_rows(data)
    headlines = News("OG2021 English", read_headlines(data), [row["cluster"] for row in rows])
    sets = [headlines, _read_ecbplus(data), _read_ag_news(data)]
    embeddings = [embed_articles(encoder, news.articles) for news in sets]
    print(HEADER)
    for news, own in zip(sets, embeddings, strict=True):
        start = perf_counter()
        found = group_articles(news.articles, own, find_link(None))
        if news.themes:
            themes = find_themes(own, found)
            assert themes is not None
            found = themes[found]
        _print_row(news, "Topicwire", found, perf_counter() - start)
        if peers.bertopic:
            _print_row(news, "BERTopic", *_ask_bertopic(peers.bertopic, news, own))
    print(f"\nOnline, in order of time\n\n{HEADER}")
    _print_online(sets[0], embeddings[0], [row["er_event"] for row in rows])
    _print_row(sets[1], "Topicwire", *_replay(sets[1].articles, embeddings[1], find_link(None)))
    print("\n| open stories | articles a second | ratio | KiB a story |\n|---|---|---|---|")
    # In a process of its own, as memory that others have left behind would not be counted.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        process.submit(_print_cost, embeddings[0].shape[1]).result()


def _read_ecbplus(data: Path) -> News:
    rows = [json.loads(line) for line in (data / "ecbplus_docs.jsonl").open()]
    articles = [Article(body=row["text"]) for row in rows]
    return News("ECB+", articles, [row["subtopic"] for row in rows])


def _read_ag_news(data: Path) -> News:
    articles, gold = zip(*read_test_set(data), strict=True)
    return News("AG News, themes", list(articles), list(map(str, gold)), themes=True)


def _print_row(news: News, what: str, found: Groups, seconds: float = float("nan")) -> None:
    gold = np.unique(news.gold, return_inverse=True)[1]
    # Who is told to belong to no group is not told to belong with the other outliers.
    groups = np.where(found == OUTLIER, np.arange(len(found)) + found.max() + 1, found)
    sizes = np.unique(groups, return_counts=True)[1]
    scores = (
        adjusted_mutual_info_score(gold, groups),
        adjusted_rand_score(gold, groups),
        _b_cubed(gold, groups),
        _pairwise(gold, groups),
    )
    lone = (sizes == 1).sum() / len(found)
    print(
        f"| {news.name} | {what} | {(sizes > 1).sum()} | {lone:.0%} | "
        + " | ".join(f"{score:.3f}" for score in scores)
        + f" | {'' if np.isnan(seconds) else f'{seconds:.1f}'} |",
        flush=True,
    )


def _b_cubed(gold: Groups, found: Groups) -> float:
    """The F1 of B³ precision and recall (Bagga and Baldwin, 1998)."""
    shared = contingency_matrix(gold, found).astype(float)
    precision = (shared**2 / shared.sum(axis=0)).sum() / shared.sum()
    recall = (shared**2 / shared.sum(axis=1, keepdims=True)).sum() / shared.sum()
    return float(2 * precision * recall / (precision + recall))


def _pairwise(gold: Groups, found: Groups) -> float:
    (_, wrong), (missed, right) = pair_confusion_matrix(gold, found)
    return float(2 * right / (2 * right + wrong + missed))


def _ask_bertopic(python: Path, news: News, embeddings: Embeddings) -> tuple[Groups, float]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "embeddings.npy"
        np.save(path, embeddings)
        texts = [article.text for article in news.articles]
        answer = subprocess.run(
            [python, Path(__file__).with_name("bertopic_peer.py")],
            input=json.dumps({"texts": texts, "embeddings": str(path)}),
            capture_output=True,
            check=True,
            text=True,
        ).stdout
    found = json.loads(answer)
    return np.array(found["groups"]), found["seconds"]


def _replay(
    articles: Sequence[Article], embeddings: Embeddings, link: Link
) -> tuple[Groups, float]:
    engine, now = open_database("sqlite://"), datetime.now(UTC)
    kept = KeptStories(engine, link, EncoderReference("any", embeddings.shape[1], "0" * 64))
    arrivals = [Arrival(*each) for each in zip(articles, embeddings, strict=True)]
    start = perf_counter()
    rows = kept.assign(arrivals, now)
    kept.tidy(now)
    seconds = perf_counter() - start
    found = StoryBook(engine).stories_of([row.sequence for row in rows])
    return np.array([found[row.sequence] for row in rows]), seconds


def _print_online(news: News, embeddings: Embeddings, registered: Sequence[str]) -> None:
    """Links fitted on half of the stories, scored on the articles of the others; and the rest."""
    names = sorted(set(news.gold))
    first = {names[at] for at in np.random.default_rng(0).permutation(len(names))[::2]}
    is_first = np.array([story in first for story in news.gold])
    found = np.zeros(len(news.gold), dtype=np.intp)
    for learnt in (is_first, ~is_first):
        at = np.flatnonzero(learnt)
        told = [
            ToldArticle(
                story=news.gold[each],
                title=news.articles[each].title,
                published_at=news.articles[each].published_at,
            )
            for each in at
        ]
        groups, _ = _replay(
            news.articles, embeddings, fit_link(told, embeddings[at], DEFAULT_ENCODER)
        )
        found[~learnt] = groups[~learnt] + found.max() + 1
    _print_row(news, "Topicwire, cross-validated link", found)
    _print_row(news, "Topicwire", *_replay(news.articles, embeddings, find_link(None)))
    events = np.unique(registered, return_inverse=True)[1]
    outliers = np.array(registered) == "None"
    _print_row(news, "Event Registry", np.where(outliers, OUTLIER, events))
    _print_row(news, "average linkage, best threshold", _link_by_embeddings(news, embeddings))


def _link_by_embeddings(news: News, embeddings: Embeddings) -> Groups:
    gold = np.unique(news.gold, return_inverse=True)[1]
    distances = np.clip(1 - embeddings @ embeddings.T, 0, 2)
    tried = [
        AgglomerativeClustering(
            n_clusters=None, metric="precomputed", linkage="average", distance_threshold=threshold
        ).fit_predict(distances)
        for threshold in np.arange(0.2, 0.6, 0.05)
    ]
    return max(tried, key=lambda groups: _b_cubed(gold, groups))


def _print_cost(dimension: int) -> None:
    """Articles like headlines, each of a story of its own, while ever more stories are open."""
    random = np.random.default_rng(0)
    stories = Stories(find_link(None), dimension)
    when = datetime(2026, 1, 1, tzinfo=UTC)
    fastest, empty = 0.0, _memory()
    for size in SIZES:
        while len(stories) < size:
            stories.assign(stories.read(*_invent(random, dimension, when)))
        asked = [_invent(random, dimension, when) for _ in range(MEASURED)]
        start = perf_counter()
        for each in asked:
            stories.assign(stories.read(*each))
        speed = MEASURED / (perf_counter() - start)
        fastest = max(fastest, speed)
        memory = (_memory() - empty) / len(stories)
        print(f"| {size:,} | {speed:.0f} | {speed / fastest:.2f} | {memory:.0f} |", flush=True)


def _memory() -> float:
    """KiB that this process takes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024


def _invent(
    random: np.random.Generator, dimension: int, when: datetime
) -> tuple[Article, Embeddings]:
    """An article of twelve words out of a large vocabulary, as unevenly used as words are."""
    words = np.minimum(random.zipf(1.3, size=12), 200_000)
    vector = random.normal(size=dimension).astype(np.float32)
    unit: Embeddings = vector / np.linalg.norm(vector)
    return Article(title=" ".join(f"w{word}" for word in words), published_at=when), unit
