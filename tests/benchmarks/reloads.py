"""Two models of one encoder that a server is told to load in turns, each time anew."""

from pathlib import Path
from time import perf_counter

import grpc

from service.rpc.client import Client
from tests.benchmarks.ag_news import read_test_set
from tests.benchmarks.builtin import train_builtin
from tests.benchmarks.servers import serving

RELOADS = 1000
LOOKS = (0, 10, 100, 300, 1000)
"""After so many reloads."""


def main(data: Path) -> None:
    """Prints what the server takes after ever more reloads."""
    model, _ = train_builtin()
    [article, _] = read_test_set(data)[0]
    print("| reloads | MiB | threads | open files | seconds |\n|---|---|---|---|---|")
    with (
        serving([model, model], TOPICWIRE_NAMED_MODELS="0") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        client, start = Client(channel), perf_counter()
        for done in range(RELOADS + 1):
            wanted = 1 + done % 2
            client.promote_model(wanted)
            answered, _ = client.classify([article])
            assert answered == wanted
            if done in LOOKS:
                print(
                    f"| {done:,} | {server.memory:.0f} | {server.threads} | {server.files} | "
                    f"{perf_counter() - start:.0f} |",
                    flush=True,
                )
