import os

import fsspec
import pytest

from service.archive.sources import find_sources
from service.errors import InvalidInput


@pytest.fixture
def folder(tmp_path):
    for name in ("b.jsonl", "a/2.csv", "a/1.csv", ".hidden", ".git/x.jsonl", "out/part.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def names(*inputs, folder, without=""):
    return [
        source.name.removeprefix(f"{folder}/") for source in find_sources(inputs, without=without)
    ]


def test_a_folder_stands_for_its_visible_files_in_order(folder):
    assert names(str(folder), folder=folder) == ["a/1.csv", "a/2.csv", "b.jsonl", "out/part.jsonl"]


def test_the_folder_of_the_results_is_no_input(folder):
    assert "out/part.jsonl" not in names(str(folder), folder=folder, without=str(folder / "out"))


def test_globs_and_files_come_in_the_order_given_and_once(folder):
    found = names(str(folder / "b.jsonl"), str(folder / "a/*.csv"), str(folder), folder=folder)
    assert found == ["b.jsonl", "a/1.csv", "a/2.csv", "out/part.jsonl"]


@pytest.mark.parametrize("given", ["none.jsonl", "*.parquet", "nosuch://x/y"])
def test_what_is_not_there_is_one_line(folder, given):
    with pytest.raises(InvalidInput) as caught:
        find_sources([given if "://" in given else str(folder / given)])
    assert "\n" not in str(caught.value)


def test_other_file_systems_are_read_alike():
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/bucket/b.jsonl", b"{}")
    memory.pipe_file("/bucket/a.jsonl", b"[]")
    found = find_sources(["memory://bucket"])
    assert [source.name for source in found] == [
        "memory://bucket/a.jsonl",
        "memory://bucket/b.jsonl",
    ]
    with found[0].open() as file:
        assert file.read() == b"[]"
    assert found[0].fingerprint() == found[0].fingerprint() != found[1].fingerprint()


def test_a_file_changes_its_fingerprint_when_it_changes(folder):
    path = folder / "b.jsonl"
    [before] = find_sources([str(path)])
    first = before.fingerprint()
    path.write_text("c.jsonl")
    assert before.fingerprint() != first
    path.write_text("b.jsonl")
    os.utime(path, ns=(1, 1))
    assert before.fingerprint() != first
