"""A server in a process of its own, and the harm that can be done to it."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Condition, Thread
from typing import Any
from urllib.request import urlopen

import grpc
from prometheus_client.parser import text_string_to_metric_families
from topicwire.v1 import articles_pb2, classification_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub

from tests.fake_serve import COMMAND

PATIENCE = 60
"""Seconds after which what should happen is taken not to."""


class ServerProcess:
    """`tests.fake_serve` over a store, with its log read as it comes."""

    def __init__(self, store: Path, metrics: str, workers: int = 1, **settings: object) -> None:
        self.store = store
        self.faults = store.with_name("faults")
        self.faults.mkdir(exist_ok=True)
        self._metrics = metrics
        self._entries: list[dict[str, Any]] = []
        self._written = Condition()
        changed: dict[str, object] = {
            "LISTEN": "127.0.0.1:0",
            "STORE": store,
            "METRICS": self._metrics if workers == 1 else "",
            "RELOAD_SECONDS": 0.1,
            **settings,
        }
        self._process = subprocess.Popen(
            [*COMMAND, str(workers)],
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "FAULTS": str(self.faults),
                **{f"TOPICWIRE_{name}": str(value) for name, value in changed.items()},
            },
        )
        self._reader = Thread(target=self._read)
        self._reader.start()
        try:
            self.address: str = self.wait_for("serving", workers)[0]["address"]
        except BaseException:
            self.end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """The entries of that event in the log, as soon as there are so many."""
        with self._written:
            found = self._written.wait_for(lambda: len(self.logged(event)) >= count, PATIENCE)
            assert found, f"{event} is not there {count} times: {self._entries[-20:]}"
            return self.logged(event)

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [entry for entry in self._entries if entry["event"] == event]

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        """Its exit code."""
        return self._process.wait(PATIENCE)

    def end(self) -> None:
        """Whatever state it is in."""
        self._process.terminate()
        for fault in self.faults.iterdir():
            fault.unlink()
        try:
            self.wait()
        finally:
            self._process.kill()
            self._reader.join()

    @contextmanager
    def held(self, fault: str) -> Iterator[None]:
        """What `tests.fake_serve` can hold does not go on while the context lasts."""
        (self.faults / fault).touch()
        (self.faults / "held").unlink(missing_ok=True)
        try:
            yield
        finally:
            (self.faults / fault).unlink(missing_ok=True)

    async def is_held(self) -> bool:
        return (self.faults / "held").exists()

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """One call has the encoder and keeps it while the context lasts; others have to wait."""
        async with self.channel() as channel:
            with self.held("encoding"):
                call = classify(channel)
                await until(self.is_held)
                yield
            await call

    def channel(self, *options: tuple[str, Any]) -> grpc.aio.Channel:
        """A connection of its own."""
        alone = ("grpc.use_local_subchannel_pool", 1)
        return grpc.aio.insecure_channel(self.address, [alone, *options])

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples of that name that have these labels."""
        return await asyncio.to_thread(self._metric, name, labels)

    async def waiting(self) -> float:
        """How many passages wait for the encoder."""
        return await self.metric("topicwire_queue_passages")

    def memory(self) -> float:
        """MiB that it has in memory."""
        status = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        [line] = [each for each in status if each.startswith("VmRSS")]
        return int(line.split()[1]) / 1024

    def open_files(self) -> int:
        return len([*Path(f"/proc/{self.pid}/fd").iterdir()])

    def _metric(self, name: str, labels: dict[str, str]) -> float:
        with urlopen(f"http://{self._metrics}/metrics") as response:
            families = [*text_string_to_metric_families(response.read().decode())]
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def _read(self) -> None:
        assert self._process.stderr
        with self._process.stderr as lines:
            for line in lines:
                entry = json.loads(line) if line.startswith("{") else {"event": line}
                with self._written:
                    self._entries.append(entry)
                    self._written.notify_all()


def classify(channel: grpc.aio.Channel, *bodies: str) -> Any:
    """A call under way, of one article or of several."""
    articles = [articles_pb2.Article(body=body) for body in bodies or ("outage",)]
    stub: Any = ClassificationServiceStub(channel)
    return stub.Classify(classification_pb2.ClassifyRequest(articles=articles))


async def told(call: Any) -> Any:
    """The number of the model that answered with the topics of each article, or the status."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return error.code()
    topics = [",".join(each.topic_id for each in of.labels) for of in answer.classifications]
    return answer.model.number, *topics


async def status_of(call: Any) -> grpc.StatusCode:
    """How a call ends."""
    code: grpc.StatusCode = await call.code()
    return code


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Returns when that is so; what is waited for is a state of another process."""
    async with asyncio.timeout(PATIENCE):
        while not await true():  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.02)
