"""Parquet files."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from service.archive.opening import Opened
from service.archive.rows import BrokenFile, Fields, Found

NAME = "parquet"
MAGIC = b"PAR1"
_ROWS = 1000


def read(opened: Opened) -> Iterator[Found]:
    """Every row, with those columns alone that an article is made from."""
    number = 0
    try:
        file = pq.ParquetFile(opened.file)
        wanted = opened.columns.all_candidates
        names = [name for name in file.schema_arrow.names if name.strip().lower() in wanted]
        if not opened.columns.knows_any(names):
            found = ", ".join(map(repr, file.schema_arrow.names[:10]))
            raise BrokenFile(f"no column of text among {found}; name one with --text-column")
        for batch in file.iter_batches(_ROWS, columns=names):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise BrokenFile(f"can't be read as Parquet from row {number + 1} on: {reason}") from None


def parse(content: Fields) -> Fields:
    """The row as it is."""
    return content
