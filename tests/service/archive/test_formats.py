import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.archive.columns import Columns
from service.archive.formats import parse_row, read_source
from service.archive.rows import BadRow, Raw
from service.archive.sources import find_sources
from service.archive.streams import zstd

PAGE = """<!DOCTYPE html><html lang="en"><head><title>Port hit</title>
<meta name="date" content="2024-02-01"><meta property="og:site_name" content="Harbour Post"></head>
<body><nav>Home | Sport | Subscribe now</nav><article><h1>Port hit</h1>
<p>Missiles hit the port overnight, officials said, and set two fuel tanks on fire.</p>
<p>Firemen worked until dawn and the harbour was closed for ships until noon.</p></article>
</body></html>"""


@pytest.fixture
def rows(tmp_path):
    """Writes a file, reads it, and gives its rows and rejects as they come."""

    def read(name, content, columns=Columns()):  # noqa: B008 - frozen
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        [source] = find_sources([str(path)])
        return [
            (found.place.row, parse_row(found) if isinstance(found, Raw) else found.reason)
            for found in read_source(source, columns)
        ]

    return read


@pytest.mark.parametrize("name", ["a.jsonl", "a.dat", "noname"])
def test_json_lines_are_told_by_content(rows, name):
    assert rows(name, '\n{"text": "a"}\n\n{"text": "b"}') == [
        (2, {"text": "a"}),
        (4, {"text": "b"}),
    ]


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress])
def test_compression_is_told_by_content_too(rows, compress):
    assert rows("a.jsonl", compress(b'{"text": "a"}\n')) == [(1, {"text": "a"})]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimited_text_is_read_in_any_dialect(rows, delimiter):
    content = delimiter.join(["id", "text"]) + "\n" + delimiter.join(["1", '"two\nlines, ""so"""'])
    assert rows("a.data", content) == [(2, {"id": "1", "text": 'two\nlines, "so"'})]


def test_a_tsv_may_be_full_of_commas(rows):
    assert rows("a.tsv", "text\tid\na, b, c\t1\n") == [(2, {"text": "a, b, c", "id": "1"})]


def test_quotes_may_be_escaped_with_a_backslash(rows):
    assert rows("a.csv", 'id,text\n1,"say \\"no\\", now"\n') == [
        (2, {"id": "1", "text": 'say "no", now'})
    ]


def test_delimited_text_without_a_header_has_columns_by_number(rows):
    columns = Columns(title="2", body="3")
    assert rows("a.csv", '"3","Talks","They met."\n', columns) == [
        (1, {"1": "3", "2": "Talks", "3": "They met."})
    ]


def test_delimited_text_without_a_column_of_text_is_refused_as_a_whole(rows):
    [(row, reason)] = rows("a.csv", "colour,size\nred,1\n")
    assert (row, reason[:41]) == (0, "no column of text among 'colour', 'size';")


def test_a_row_of_another_width_is_rejected_alone(rows):
    assert rows("a.csv", "id,text\n1,a,b\n2,c\n") == [
        (2, "has 3 columns instead of 2"),
        (3, {"id": "2", "text": "c"}),
    ]


def test_a_row_that_is_not_utf8_is_rejected_alone(rows):
    content = "id,text\n1,Ж\n2,Ж\n".encode() + b"3,\xff\xfe\n" + "4,Ж\n".encode()
    assert [row if isinstance(row, str) else row["id"] for _, row in rows("a.csv", content)] == [
        *("1", "2"),
        "not UTF-8 text at byte 2",
        "4",
    ]


def test_parquet_gives_the_columns_that_articles_are_made_from(rows):
    table = pa.table({"Text": ["a", None], "id": [7, 8], "embedding": [[1.0], [2.0]]})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    assert rows("a.bin", buffer.getvalue()) == [
        (1, {"Text": "a", "id": 7}),
        (2, {"Text": None, "id": 8}),
    ]
    [(row, reason)] = rows("b.parquet", buffer.getvalue()[:-20])
    assert (row, reason.partition(":")[0]) == (0, "can't be read as Parquet from row 1 on")


def test_text_is_one_article_a_file(rows):
    assert rows("a.txt", "One, two, three.\n\nFour, five, six.") == [
        (1, {"body": "One, two, three.\n\nFour, five, six."})
    ]


def test_html_is_told_by_content_and_its_furniture_left_out(rows):
    [(_, page)] = rows("page", PAGE)
    assert (page["title"], page["published_at"], page["source"]) == (
        *("Port hit", "2024-02-01"),
        "Harbour Post",
    )
    assert page["body"].startswith("Missiles hit the port overnight")
    assert "Subscribe" not in page["body"]


def warc(*responses):
    records = []
    for at, (status, kind, body) in enumerate(responses):
        reply = f"HTTP/1.1 {status} So\r\nContent-Type: {kind}\r\n\r\n{body}".encode()
        head = (
            "WARC/1.0\r\nWARC-Type: response\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-00000000000{at}>\r\n"
            f"WARC-Target-URI: https://news.example/{at}\r\nWARC-Date: 2024-03-01T00:00:00Z\r\n"
            "Content-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(reply)}\r\n\r\n"
        )
        records.append(head.encode() + reply + b"\r\n\r\n")
    return b"".join(records)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_pages_of_a_warc_are_articles_and_nothing_else_is(rows, compress):
    content = warc(
        (200, "text/html; charset=utf-8", PAGE), (404, "text/html", PAGE), (200, "image/png", "x")
    )
    [(row, page)] = rows("crawl.warc.gz", compress(content))
    assert (row, page["title"], page["url"]) == (1, "Port hit", "https://news.example/0")
    assert page["published_at"] == "2024-02-01"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", b"", "the file is empty"),
        ("a.bin", b"\x7fELF\0\0\0", "binary, and of no format that can be read"),
        ("a.json", b'[{"text": "a"}]', "a JSON document, not JSON Lines"),
        ("a.gz", b"\x1f\x8bnonsense", "can't be read on"),
    ],
)
def test_a_file_that_is_no_archive_says_why(rows, name, content, reason):
    [(row, found)] = rows(name, content)
    assert (row, found[: len(reason)]) == (0, reason)


def test_a_page_without_an_article_is_rejected(rows):
    with pytest.raises(BadRow, match="no article found in the page"):
        rows("a.html", "<html><body></body></html>")


def test_what_comes_before_a_break_is_read(rows):
    lines = "".join(json.dumps({"text": f"number {at}"}) + "\n" for at in range(100_000))
    found = rows("a.jsonl.gz", gzip.compress(lines.encode())[:-5000])
    assert len(found) > 10_000
    assert found[0] == (1, {"text": "number 0"})
    assert str(found[-1][1]).startswith("can't be read on")
