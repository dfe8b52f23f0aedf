"""Servers that are killed at random moments, or are two, against one that is left alone."""

import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from time import perf_counter

import grpc
from sqlalchemy import select
from topicwire.v1 import stories_pb2 as pb
from topicwire.v1.stories_pb2_grpc import StoryServiceStub

from service.rpc.converters import to_article
from service.storage.database import open_database
from service.storage.tables import StoryArticleRow
from tests.benchmarks.builtin import train_builtin
from tests.benchmarks.headlines import read_headlines
from tests.ports import free_address
from tests.postgres import postgres_tools, running_postgres
from training.article import Article
from training.store import Store

KILLS = 20
TURNS = 20
"""How often the stream goes over to the other of two servers."""
HEADER = (
    "| database | servers | kills | articles | with other articles | seconds |\n"
    "|---|---|---|---|---|---|"
)


def main(data: Path) -> None:
    """Prints how many articles share a story with others than on one server left alone."""
    articles = read_headlines(data)
    model, _ = train_builtin()
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "models")
        store.promote(store.publish(model))
        print(HEADER)
        alone: dict[str, frozenset[str]] = {}
        for kind, servers, kills in _plan():
            with _database(kind, Path(folder)) as url:
                start = perf_counter()
                _follow(articles, store.root, url, servers, kills)
                seconds = perf_counter() - start
                found = _stories(url)
            alone = alone or found
            different = sum(found.get(each.id) != alone[each.id] for each in articles)
            print(
                f"| {kind} | {servers} | {kills} | {len(found):,} | {different} | {seconds:.0f} |",
                flush=True,
            )


def _plan() -> Iterator[tuple[str, int, int]]:
    yield "SQLite", 1, 0
    yield "SQLite", 1, KILLS
    if postgres_tools():
        yield from (("PostgreSQL", 1, 0), ("PostgreSQL", 2, 0), ("PostgreSQL", 1, KILLS))


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "SQLite":
        path = folder / "stories.db"
        path.unlink(missing_ok=True)
        yield f"sqlite:///{path}"
        return
    tools = postgres_tools()
    assert tools
    with running_postgres(tools) as url:
        yield url.format("postgres")


def _follow(articles: Sequence[Article], store: Path, url: str, servers: int, kills: int) -> None:
    """Sends the articles until each is answered, from the first unanswered after each kill."""
    chance = random.Random(kills)
    moments = sorted(chance.sample(range(1, len(articles)), kills))
    turns = [len(articles) * turn // TURNS for turn in range(1, TURNS)] if servers > 1 else []
    running = [_Server(store, url) for _ in range(servers)]
    done = 0
    for turn, end in enumerate([*sorted([*moments, *turns]), len(articles)]):
        server = running[turn % servers]
        while done < end:
            done += server.send(articles[done:end])
        if end in moments:  # a little later, while more is under way
            Timer(chance.uniform(0, 0.2), server.process.kill).start()
            done += server.send(articles[done:])
            server.restart()
    for server in running:
        server.process.kill()
        server.process.wait()


class _Server:
    """`topicwire serve` in a process of its own."""

    def __init__(self, store: Path, url: str) -> None:
        self._store, self._url = store, url
        self._address = free_address()
        self.process = self._start()

    def restart(self) -> None:
        """After it was killed."""
        self.process.wait()
        self.process = self._start()

    def send(self, articles: Sequence[Article]) -> int:
        """How many of them were answered before all were or the server died."""
        answered = 0
        with grpc.insecure_channel(self._address) as channel:
            requests = (pb.StreamAssignStoriesRequest(article=to_article(a)) for a in articles)
            try:
                for response in StoryServiceStub(channel).StreamAssignStories(
                    requests, wait_for_ready=True
                ):
                    if response.WhichOneof("result") == "error":
                        break
                    answered += 1
            except grpc.RpcError:
                pass
        return answered

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                Path(sys.executable).with_name("topicwire"),
                *("serve", "--listen", self._address, "--store", self._store),
            ],
            env={
                **os.environ,
                "TOPICWIRE_DATABASE": self._url,
                # Embeddings of low precision depend on what they are batched with, and that on
                # when a server is killed.
                "TOPICWIRE_PRECISION": "float32",
            },
            stderr=subprocess.DEVNULL,
        )


def _stories(url: str) -> dict[str, frozenset[str]]:
    """The articles of each article's story, by id."""
    engine = open_database(url)
    with engine.connect() as connection:
        rows = connection.execute(select(StoryArticleRow.article_id, StoryArticleRow.story))
        story_of = {article: story for article, story in rows if article}
    engine.dispose()
    members: defaultdict[int, set[str]] = defaultdict(set)
    for article, story in story_of.items():
        members[story].add(article)
    stories = {story: frozenset(own) for story, own in members.items()}
    return {article: stories[story] for article, story in story_of.items()}
