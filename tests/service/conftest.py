import os
from collections.abc import Iterator
from contextlib import asynccontextmanager
from itertools import count
from types import SimpleNamespace

import grpc
import pytest
from sqlalchemy import create_engine, text

from service.labelling.live import go_live
from service.rpc.server import listening
from service.settings import Settings
from service.storage import database
from tests.postgres import postgres_tools, running_postgres
from training.store import Store


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server, with a place for the name of a database."""
    tools = postgres_tools()
    if tools is None:
        assert "TOPICWIRE_TEST_ALL" not in os.environ, "PostgreSQL is not installed"
        pytest.skip("PostgreSQL is not installed")
    with running_postgres(tools) as url:
        yield url


_numbers = count()


@pytest.fixture
def closing_databases(monkeypatch) -> Iterator[None]:
    """Closes every connection to a database that the test has opened."""
    engines = []

    def create_and_note(*args, **kwargs):
        engines.append(create_engine(*args, **kwargs))
        return engines[-1]

    monkeypatch.setattr(database, "create_engine", create_and_note)
    yield
    for engine in engines:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path, closing_databases) -> str:  # noqa: ARG001 - used by its effect
    """That of a new database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'topicwire.db'}"
    url: str = request.getfixturevalue("postgres")
    name = f"test{next(_numbers)}"
    admin = url.format("postgres").replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.format(name)


@pytest.fixture
def serving(model, encoder, tmp_path):
    """Starts a real server on a free port; gives its settings, store, live model and a channel."""

    @asynccontextmanager
    async def start(tracer=None, **changes):
        settings = Settings(listen="127.0.0.1:0", store=tmp_path / "models", **changes)
        store = Store(settings.store)
        store.promote(store.publish(model))
        async with (
            listening(settings, store, tracer) as server,
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
