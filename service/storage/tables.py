"""The tables, and the engine that speaks to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import JSON, DateTime, Engine, String, Text, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from service.errors import DatabaseUnusable


class Base(DeclarativeBase):
    """All tables."""


class CorrectionRow(Base):
    """What a person said a text is about; the latest word on each text."""

    __tablename__ = "corrections"

    text_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    labels: Mapped[list[str]] = mapped_column(JSON)
    article_id: Mapped[str] = mapped_column(String(256))
    source: Mapped[str] = mapped_column(String(256))
    update_time: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


def open_database(url: str) -> Engine:
    """An engine whose tables are there; raises DatabaseUnusable.

    Args:
        url: as SQLAlchemy writes it, such as `sqlite:///topicwire.db`.
    """
    with explained():
        engine = create_engine(url)
        if engine.dialect.name == "sqlite":
            Path(engine.url.database or ".").parent.mkdir(parents=True, exist_ok=True)
            event.listen(engine, "connect", _make_durable)
        _create_tables(engine)
    return engine


def _create_tables(engine: Engine) -> None:
    """Another process may create them between our look and our attempt; then they are there."""
    try:
        Base.metadata.create_all(engine)
    except DBAPIError:
        Base.metadata.create_all(engine)


@contextmanager
def explained() -> Iterator[None]:
    """Whatever the database refuses becomes DatabaseUnusable, in one line."""
    try:
        yield
    except (SQLAlchemyError, ImportError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise DatabaseUnusable(f"database: {reason}") from None


def _make_durable(connection: DBAPIConnection, _: object) -> None:
    """Commits survive a loss of power, and readers do not wait for a writer."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.close()
