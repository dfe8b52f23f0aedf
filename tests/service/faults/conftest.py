from dataclasses import replace

import pytest

from tests.ports import free_address
from tests.server_process import ServerProcess
from training.heads import Heads
from training.store import Store


@pytest.fixture(scope="session")
def contrary(model):
    """A model that says `talks` where the other says `grid`, and the other way round."""
    heads = model.heads
    return replace(
        model,
        heads=Heads(*(each[::-1].copy() for each in vars(heads).values())),
        manifest=model.manifest.model_copy(update={"thresholds": (*heads.thresholds[::-1],)}),
    )


@pytest.fixture(scope="session")
def begin(model, contrary):
    """Starts a server on a store of two contrary models, the first of them current."""

    def start(folder, **settings):
        folder.mkdir(exist_ok=True)
        store = Store(folder / "models")
        if not store.numbers():
            for each in (model, contrary):
                store.publish(each)
            store.promote(1)
        return ServerProcess(store.root, free_address(), **settings)

    return start


@pytest.fixture
def start(begin, tmp_path):
    """Starts servers on one store; the test may end them as it likes."""
    started = []

    def go(**settings):
        started.append(begin(tmp_path, **settings))
        return started[-1]

    yield go
    for each in started:
        each.end()


@pytest.fixture(scope="session")
def server(begin, tmp_path_factory):
    """One for all tests that leave it as it was."""
    server = begin(tmp_path_factory.mktemp("server"))
    yield server
    server.end()
