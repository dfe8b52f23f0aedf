import io
import os
from threading import Thread

import pytest

from service.cli.inputs import read_articles, read_text
from service.errors import InvalidInput


@pytest.fixture
def stdin(monkeypatch):
    def give(content: bytes):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    return give


def test_text_is_taken_as_it_is_or_from_a_file_or_from_standard_input(tmp_path, stdin):
    path = tmp_path / "page.txt"
    path.write_bytes(b"\xef\xbb\xbffrom a file")
    stdin(b"from stdin")
    assert read_text("plain text\n" * 500) == "plain text\n" * 500
    assert read_text(str(path)) == "from a file"
    assert read_text("-") == "from stdin"
    assert read_text("nul\0byte") == "nul\0byte"


def test_text_that_is_not_utf8_is_one_line(tmp_path):
    path = tmp_path / "latin.txt"
    path.write_bytes(b"caf\xe9")
    with pytest.raises(InvalidInput, match=r"latin.txt: not UTF-8 text at byte 3"):
        read_text(str(path))


def test_files_of_any_format_become_articles(write_jsonl, tmp_path, stdin):
    lines = write_jsonl({"title": "a", "body": "b", "id": 7}, {"text": "c", "labels": []})
    table = tmp_path / "table.csv"
    table.write_text("id,headline\n8,d\n")
    stdin(b'\n{"title": "e"}\n')
    found = [(a.id, a.title, a.body) for a in read_articles(["-", str(lines), str(table)], 100)]
    assert found == [
        ("standard input:2", "e", ""),
        ("7", "a", "b"),
        (f"{lines}:2", "", "c"),
        ("8", "d", ""),
    ]


def test_a_pipe_is_read_like_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=lambda: pipe.write_text('{"title": "a"}'))
    writer.start()
    assert [article.title for article in read_articles([str(pipe)], 100)] == ["a"]
    writer.join()


def test_all_bad_rows_are_reported(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "ok"}\n{"title": 5}\nnope\n{}\n[]\n')
    with pytest.raises(InvalidInput) as caught:
        read_articles([str(path)], 100)
    assert [line.removeprefix(f"{path}:") for line in str(caught.value).split("\n")] == [
        "2: title is not text",
        "3: not JSON: Expecting value: line 1 column 1 (char 0)",
        "4: has no text; its columns are none",
        "5: not a JSON object",
    ]


def test_a_deeply_nested_row_is_reported(tmp_path):
    path = tmp_path / "deep.jsonl"
    path.write_text("[" * 100_000)
    with pytest.raises(InvalidInput, match=r"deep.jsonl:1: not JSON: nested too deeply"):
        read_articles([str(path)], 100)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(InvalidInput, match="no such file or folder"):
        read_articles([str(tmp_path / "none.jsonl")], 100)
