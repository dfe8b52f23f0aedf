"""Column types that mean the same in every database."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import DateTime, Dialect, LargeBinary, Text, TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A time in UTC, which SQLite would hand back without saying so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As it is stored."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As it was given."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class Prose(TypeDecorator[str]):
    """Text as callers send it; PostgreSQL takes no NUL characters, so these are replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """As it is stored, and as it is looked for."""
        return value and without_nul(value)


def without_nul(text: str) -> str:
    """As `Prose` stores it."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


class Vector(TypeDecorator[NDArray[np.floating]]):
    """A vector of floating-point numbers in little-endian bytes, handed back as it was given."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, dtype: str) -> None:
        super().__init__()
        self.dtype = dtype

    def process_bind_param(
        self, value: NDArray[np.floating] | None, dialect: Dialect
    ) -> bytes | None:
        """As it is stored."""
        return None if value is None else value.astype(self.dtype).tobytes()

    def process_result_value(
        self, value: bytes | None, dialect: Dialect
    ) -> NDArray[np.floating] | None:
        """As it was given."""
        return None if value is None else np.frombuffer(value, dtype=self.dtype)
