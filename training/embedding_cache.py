"""Embeddings kept on disk, so that the same text is never encoded twice by the same encoder.

One SQLite file holds them all, which several processes may share. It is safe to delete.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock

import numpy as np

from training.arrays import Embeddings, Tokens
from training.encoder import Encoder

_WAIT_SECONDS = 30.0
_AT_ONCE = 500


class CachedEncoder:
    """An encoder that looks an embedding up before it makes it.

    What is looked up are token ids, as they are all that an encoder reads, under the encoder's
    fingerprint. Where the file can't be used, everything is encoded as if it were empty.
    """

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self.reference = encoder.reference
        self.fingerprint = encoder.fingerprint
        self.max_tokens = encoder.max_tokens
        self.lanes = encoder.lanes
        self.encoded = 0
        """How many texts were not found and had to be encoded."""
        self._encoder = encoder
        self._path = path
        self._counting = Lock()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text in full, special tokens left out."""
        return self._encoder.count_tokens(texts)

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """The token ids of each text, special tokens included, cut to what fits."""
        return self._encoder.tokenize(texts)

    def enter_lane(self) -> None:
        """Prepares the thread that it is called in."""
        self._encoder.enter_lane()

    def encode_batch(self, batch: Sequence[Tokens]) -> Embeddings:
        """float32 [batch, dimension], unit length; those not known yet in one call."""
        keys = [self._key(tokens) for tokens in batch]
        known = self._read(keys)
        missing = [at for at, key in enumerate(keys) if key not in known]
        if missing:
            made = self._encoder.encode_batch([batch[at] for at in missing])
            fresh = {keys[at]: row for at, row in zip(missing, made, strict=True)}
            with self._counting:
                self.encoded += len(missing)
            self._write(fresh)
            known |= fresh
        return np.stack([known[key] for key in keys])

    def word_vectors(self) -> Embeddings:
        """What the encoder begins with for each token id: float32 [vocabulary, width]."""
        return self._encoder.word_vectors()

    def _key(self, tokens: Tokens) -> bytes:
        ids = np.asarray(tokens, dtype="<u4").tobytes()
        return hashlib.sha256(self.fingerprint.encode() + b"\0" + ids).digest()

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Embeddings]:
        try:
            with closing(self._open()) as database:
                return {
                    key: np.frombuffer(blob, dtype="<f4")
                    for start in range(0, len(keys), _AT_ONCE)
                    for key, blob in _select(database, keys[start : start + _AT_ONCE])
                }
        except (sqlite3.Error, OSError):
            return {}

    def _write(self, fresh: dict[bytes, Embeddings]) -> None:
        rows = [(key, row.astype("<f4").tobytes()) for key, row in fresh.items()]
        try:
            with closing(self._open()) as database, database:
                database.executemany("INSERT OR IGNORE INTO embeddings VALUES (?, ?)", rows)
        except (sqlite3.Error, OSError):
            return  # the embeddings are made; that they can't be kept harms nobody

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._path, timeout=_WAIT_SECONDS)
        database.execute("PRAGMA synchronous = OFF")
        database.execute(
            "CREATE TABLE IF NOT EXISTS embeddings "
            "(key BLOB PRIMARY KEY, embedding BLOB NOT NULL) WITHOUT ROWID"
        )
        return database


def _select(database: sqlite3.Connection, keys: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    marks = ", ".join("?" * len(keys))
    query = f"SELECT key, embedding FROM embeddings WHERE key IN ({marks})"  # noqa: S608 - marks only
    return database.execute(query, keys).fetchall()
