"""Requests of every RPC drawn at random, and how a server with a fake encoder answers them."""

import asyncio
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
from google.protobuf.descriptor import MethodDescriptor
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from service.logs import configure_logs
from tests.fakes import FakeEncoder
from tests.fuzzing import BROKEN, ask, find_methods, fuzzed
from tests.messages import bodies
from training.corpus import builtin_corpus
from training.model import Model
from training.taxonomy import builtin_taxonomy
from training.train import train_model

REQUESTS = 100_000
TOGETHER = 4
"""Requests that are sent at once, or in one stream."""


def main() -> None:
    """Prints with which statuses each RPC answered, and how often with one it never may."""
    configure_logs()  # what fails is told on standard error
    print("| RPC | requests | answered with |\n|---|---|---|")
    counts = asyncio.run(_fuzz(_train()))
    broken = sum(counts[status] for status in BROKEN)
    print(f"\n{counts.total():,} requests, {broken} answered with INTERNAL or UNKNOWN")


def _train() -> Model:
    taxonomy = builtin_taxonomy()
    encoder = FakeEncoder(can_be_poisoned=False)
    return train_model(taxonomy, builtin_corpus(taxonomy), encoder).model


async def _fuzz(model: Model) -> Counter[str]:
    """How often there was each status; every RPC is asked as often as the others."""
    methods, total = find_methods(), Counter[str]()
    examples = -(-REQUESTS // (len(methods) * TOGETHER))
    with TemporaryDirectory() as folder:
        async with fuzzed(model, Path(folder)) as channel:
            for method in methods:
                counts = await asyncio.to_thread(_ask_often, channel, method, examples)
                _print_row(method.name, counts)
                total += counts
    return total


def _print_row(name: str, counts: Counter[str]) -> None:
    told = ", ".join(f"{status} {count:,}" for status, count in counts.most_common())
    print(f"| {name} | {counts.total():,} | {told} |", flush=True)


def _ask_often(channel: grpc.Channel, method: MethodDescriptor, examples: int) -> Counter[str]:
    counts = Counter[str]()

    @seed(method.full_name)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(st.lists(bodies(method.input_type), min_size=TOGETHER, max_size=TOGETHER))
    def ask_once(sent: list[bytes]) -> None:
        counts.update(ask(channel, method, sent))

    ask_once()
    return counts
