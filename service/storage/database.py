"""Opens a database and brings its tables up to date."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError

from service.errors import DatabaseUnusable

MIGRATIONS = Path(__file__).parent / "migrations"

MIGRATING = 0x70_1C
"""The PostgreSQL lock under which one process at a time changes tables; any number will do."""

ASKED_AT_ONCE = 500

Value = TypeVar("Value")


def open_database(url: str) -> Engine:
    """An engine whose tables are there and up to date; raises DatabaseUnusable.

    Args:
        url: as SQLAlchemy writes it, such as `sqlite:///topicwire.db` or
            `postgresql://user@host/name`, which is opened with psycopg 3.
    """
    with explained():
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(parsed, pool_pre_ping=True)
        if engine.dialect.name == "sqlite":
            Path(engine.url.database or ".").parent.mkdir(parents=True, exist_ok=True)
            event.listen(engine, "connect", _make_durable)
        with engine.connect() as connection:
            _migrate(connection)
        if engine.dialect.name == "sqlite":
            _stay_with_file(engine)
    return engine


class Database:
    """Opened at its first use; one that can't be is tried again at the next."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: Engine | None = None
        self._lock = Lock()

    @property
    def engine(self) -> Engine:
        """Speaks to it; raises DatabaseUnusable."""
        with self._lock:
            if self._engine is None:
                self._engine = open_database(self._url)
            return self._engine


@contextmanager
def explained() -> Iterator[None]:
    """Whatever the database refuses becomes DatabaseUnusable, in one line."""
    try:
        yield
    except CommandError:
        raise DatabaseUnusable("database: its tables are of a newer Topicwire") from None
    except (SQLAlchemyError, ImportError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise DatabaseUnusable(f"database: {reason}") from None


def in_turn(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """As many at once as any database takes in one query."""
    for start in range(0, len(values), ASKED_AT_ONCE):
        yield values[start : start + ASKED_AT_ONCE]


def _migrate(connection: Connection) -> None:
    """All that is missing or nothing, one process after another."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if connection.dialect.name == "sqlite":
        connection.execute(text("BEGIN IMMEDIATE"))
    else:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATING})"))
    command.upgrade(config, "head")
    connection.commit()


def _stay_with_file(engine: Engine) -> None:
    """Refuses to go on when the file is gone or another: what is written to it would be lost."""
    path = Path(engine.url.database or ".")
    opened = _identity(path)

    def check(*_: object) -> None:
        if _identity(path) != opened:
            raise FileNotFoundError(f"{path} is gone, or not the file that was opened")

    for moment in ("do_connect", "checkout"):
        event.listen(engine, moment, check)


def _identity(path: Path) -> tuple[int, int] | None:
    """None if there is none, as of a database in memory."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make_durable(connection: DBAPIConnection, _: object) -> None:
    """Commits survive a loss of power, and readers do not wait for a writer."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.close()
