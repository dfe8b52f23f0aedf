"""Corrections, kept until the next training and after it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.storage.database import explained, in_turn, open_database
from service.storage.tables import CorrectionRow

ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a person said a text is about."""

    text: str
    labels: tuple[str, ...]
    """The ids of its topics; empty if it is about none."""
    article_id: str = ""
    source: str = ""


class Corrections:
    """The latest correction of each text; every call raises DatabaseUnusable if it must."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, corrections: Iterable[Correction], now: datetime) -> int:
        """Keeps the corrections, all or none, over earlier ones of the same texts.

        Returns how many texts they are of; once it returns, they survive a crash.
        """
        latest = {_sha256(each.text): each for each in corrections}
        rows = [_row(sha256, each, now) for sha256, each in latest.items()]
        with explained():
            for attempt in range(ATTEMPTS):
                try:
                    self._merge(rows)
                    break
                except IntegrityError:  # another writer was first with a new text
                    if attempt == ATTEMPTS - 1:
                        raise
        return len(latest)

    def _merge(self, rows: Iterable[CorrectionRow]) -> None:
        with Session(self._engine) as session, session.begin():
            for row in rows:
                session.merge(row)

    def known(self, texts: Iterable[str]) -> set[str]:
        """Those of the texts that were corrected."""
        by_sha256 = {_sha256(text): text for text in texts}
        column = CorrectionRow.text_sha256
        with explained(), Session(self._engine) as session:
            return {
                by_sha256[found]
                for keys in in_turn([*by_sha256])
                for found in session.scalars(select(column).where(column.in_(keys)))
            }

    def all(self) -> list[Correction]:
        """Every correction, the oldest first."""
        oldest_first = select(CorrectionRow).order_by(
            CorrectionRow.update_time, CorrectionRow.text_sha256
        )
        with explained(), Session(self._engine) as session:
            return [_correction(row) for row in session.scalars(oldest_first)]


def open_corrections(url: str) -> Corrections:
    """The corrections of the database at that URL; raises DatabaseUnusable."""
    return Corrections(open_database(url))


def _row(sha256: str, correction: Correction, now: datetime) -> CorrectionRow:
    return CorrectionRow(
        text_sha256=sha256,
        text=correction.text,
        labels=list(correction.labels),
        article_id=correction.article_id,
        source=correction.source,
        update_time=now,
    )


def _correction(row: CorrectionRow) -> Correction:
    return Correction(
        text=row.text, labels=tuple(row.labels), article_id=row.article_id, source=row.source
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
