import asyncio
import gc
import os
import signal

from service.cli.serving import run_server
from service.settings import Settings
from tests.fake_opener import FakeOpener
from tests.waiting import until
from training.store import Store


async def test_a_server_spares_the_garbage_collector_its_model(model, encoder, tmp_path):
    settings = Settings(listen="127.0.0.1:0", store=tmp_path / "models")
    store = Store(settings.store)
    store.promote(store.publish(model))
    before = gc.get_freeze_count()
    serving = asyncio.create_task(run_server(settings, lambda _: FakeOpener(store, encoder)))
    try:
        await until(lambda: gc.get_freeze_count() > before)
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
    finally:
        gc.unfreeze()
