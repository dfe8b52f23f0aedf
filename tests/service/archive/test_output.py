import json
from datetime import UTC, datetime
from io import BytesIO

import pandas as pd
import pyarrow.parquet as pq

from service.archive.labellers import AccurateLabeller
from service.archive.options import OutputFormat
from service.archive.output import pack
from service.archive.parts import Labelled
from service.archive.rows import Place
from training.article import Article

ARTICLES = [
    Article(id="1", title="Grid.", published_at=datetime(2026, 11, 22, tzinfo=UTC)),
    Article(id="2", body="A football recipe."),
]


def packed(model, encoder, kind):
    answers = AccurateLabeller(model, encoder)(ARTICLES)
    rows = [
        Labelled(Place("f", at), article, answer)
        for at, (article, answer) in enumerate(zip(ARTICLES, answers, strict=True), 1)
    ]
    return pack(rows, model.taxonomy.ids, 3, kind)


def test_parquet_and_json_lines_say_the_same(model, encoder):
    table = pq.read_table(BytesIO(packed(model, encoder, OutputFormat.PARQUET))).to_pylist()
    for row in table:
        row["published_at"] = row["published_at"] and row["published_at"].isoformat()
    lines = packed(model, encoder, OutputFormat.JSONL).decode().splitlines()
    assert [json.loads(line) for line in lines] == table


def test_pandas_reads_nested_columns_without_help(model, encoder):
    found = pd.read_parquet(BytesIO(packed(model, encoder, OutputFormat.PARQUET)))
    assert [list(topics) for topics in found["topics"]] == [["grid"], []]
    assert found["labels"][0][0]["evidence"][0]["field"] == "title"
    assert found["published_at"][0] == pd.Timestamp("2026-11-22", tz="UTC")
    assert found["model"].tolist() == [3, 3]


def test_a_part_without_rows_has_all_columns(model):
    empty = pd.read_parquet(BytesIO(pack([], model.taxonomy.ids, 1, OutputFormat.PARQUET)))
    assert (len(empty), "labels" in empty.columns) == (0, True)
