"""`topicwire demo`."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from service.cli.screen import out
from service.settings import Settings


def demo() -> None:
    """Train, serve, label and cluster sample articles over gRPC, and stop.

    Example: `topicwire demo`
    """
    with TemporaryDirectory(prefix="topicwire-demo-") as folder:
        asyncio.run(_demo(Settings(listen="127.0.0.1:0", store=Path(folder) / "models")))


async def _demo(settings: Settings) -> None:
    from service.cli.opening import find_model
    from service.labelling.opening import Opener
    from service.rpc.server import listening
    from training.store import Store

    store = Store(settings.store)
    number = find_model(store, settings, "current")
    async with (
        listening(settings, store) as server,
        server.rotate(Opener(store, settings.precision)),
    ):
        out.print(f"\nServing model {number} on {server.address}; asking it over gRPC.")
        await asyncio.to_thread(_ask, server.address, settings)
        await server.drain()
    out.print("\nThe server has stopped. Next: `topicwire serve`.")


def _ask(address: str, settings: Settings) -> None:
    from service.cli.highlight import print_labelling
    from service.cli.samples import SAMPLES
    from service.rpc.client import connect

    with connect(address, settings) as client:
        _, labellings = client.classify(SAMPLES)
        clustering = client.cluster(SAMPLES)
    for article, labelling in zip(SAMPLES, labellings, strict=True):
        out.rule(article.id, align="left")
        print_labelling(article, labelling)
    out.rule("clusters", align="left")
    for cluster in clustering.clusters:
        ids = ", ".join(SAMPLES[member.index].id for member in cluster.members)
        out.print(f"{cluster.id}: {ids}  ({', '.join(cluster.terms)})")
    out.print("on their own:", ", ".join(SAMPLES[at].id for at in clustering.loners))
