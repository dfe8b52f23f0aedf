"""Writes labelled articles as Parquet or JSON Lines, one row an article."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from service.archive.options import OutputFormat
from service.archive.parts import Labelled
from training.labels import Label


def schema(topics: Sequence[str]) -> pa.Schema:
    """The columns of the results."""
    evidence = pa.struct(
        [
            ("field", pa.string()),  # title or body
            ("start", pa.int32()),  # in Unicode code points of that field
            ("end", pa.int32()),
            ("probability", pa.float64()),
        ]
    )
    label = pa.struct(
        [
            ("topic", pa.string()),
            ("probability", pa.float64()),
            ("threshold", pa.float64()),
            ("evidence", pa.list_(evidence)),
        ]
    )
    return pa.schema(
        [
            ("id", pa.string()),
            ("file", pa.string()),
            ("row", pa.int64()),  # as in rejects.jsonl
            ("title", pa.string()),
            ("published_at", pa.timestamp("us", "UTC")),
            ("url", pa.string()),
            ("source", pa.string()),
            ("language", pa.string()),
            ("topics", pa.list_(pa.string())),  # those given, most probable first
            ("labels", pa.list_(label)),  # the same, with what they were earned by
            ("probabilities", pa.struct([(topic, pa.float64()) for topic in topics])),
            ("out_of_distribution", pa.bool_()),
            ("distance", pa.float64()),
            ("stage", pa.string()),  # which stage decided
            ("model", pa.int64()),
        ]
    )


def pack(rows: Sequence[Labelled], topics: Sequence[str], model: int, kind: OutputFormat) -> bytes:
    """The rows as a file of that format."""
    return _PACKERS[kind]([_to_row(row, model) for row in rows], topics)


def _pack_parquet(rows: list[dict[str, Any]], topics: Sequence[str]) -> bytes:
    buffer = BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema(topics)), buffer, compression="zstd")
    return buffer.getvalue()


def _pack_jsonl(rows: list[dict[str, Any]], _: Sequence[str]) -> bytes:
    lines = (json.dumps(row, ensure_ascii=False, default=datetime.isoformat) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode(errors="replace")


_PACKERS: dict[OutputFormat, Callable[[list[dict[str, Any]], Sequence[str]], bytes]] = {
    OutputFormat.PARQUET: _pack_parquet,
    OutputFormat.JSONL: _pack_jsonl,
}


def _to_row(row: Labelled, model: int) -> dict[str, Any]:
    article, labelling = row.article, row.answer.labelling
    return {
        "id": article.id,
        "file": row.place.file,
        "row": row.place.row,
        "title": article.title,
        "published_at": article.published_at,
        "url": article.url,
        "source": article.source,
        "language": article.language,
        "topics": [label.topic for label in labelling.labels],
        "labels": [_to_label(label) for label in labelling.labels],
        "probabilities": labelling.probabilities,
        "out_of_distribution": labelling.out_of_distribution,
        "distance": labelling.distance,
        "stage": row.answer.stage,
        "model": model,
    }


def _to_label(label: Label) -> dict[str, Any]:
    return {
        "topic": label.topic,
        "probability": label.probability,
        "threshold": label.threshold,
        "evidence": [
            {
                "field": str(each.passage.field),
                "start": each.passage.start,
                "end": each.passage.end,
                "probability": each.probability,
            }
            for each in label.evidence
        ],
    }
