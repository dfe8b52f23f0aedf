from contextlib import asynccontextmanager
from types import SimpleNamespace

import grpc
import pytest

from service.labelling.live import go_live
from service.rpc.server import listening
from service.settings import Settings
from training.store import Store


@pytest.fixture
def serving(model, encoder, tmp_path):
    """Starts a real server on a free port; gives its settings, store, live model and a channel."""

    @asynccontextmanager
    async def start(**changes):
        settings = Settings(listen="127.0.0.1:0", store=tmp_path / "models", **changes)
        store = Store(settings.store)
        store.promote(store.publish(model))
        async with (
            listening(settings, store) as server,
            go_live(1, model, encoder, settings) as live,
            grpc.aio.insecure_channel(
                server.address, [("grpc.max_send_message_length", -1)]
            ) as channel,
        ):
            await server.serve(live)
            yield SimpleNamespace(
                server=server, settings=settings, store=store, live=live, channel=channel
            )

    return start
