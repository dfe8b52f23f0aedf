import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.archive import streams
from service.archive.rows import MAX_ROW_BYTES, BadRow, BrokenFile
from service.archive.streams import decompressed, find_encoding, in_utf8, read_lines, zstd

TEXT = "Дрони вразили підстанцію.\nÜber Nacht fiel der Strom aus.\n"
CYRILLIC = "Переговоры прошли в столице, министры обсудили поставки и условия мира.\n" * 20


def bombed(content, compress):
    packed = compress(content)
    return decompressed(io.BytesIO(packed), len(packed))


@pytest.mark.parametrize("compress", [bytes, gzip.compress, zstd.compress])
def test_content_is_the_same_however_it_is_compressed(compress):
    assert bombed(TEXT.encode(), compress).read() == TEXT.encode()


def test_a_file_of_several_gzip_members_is_read_to_its_end():
    assert bombed(b"", lambda _: gzip.compress(b"a\n") + gzip.compress(b"b\n")).read() == b"a\nb\n"


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress])
def test_a_bomb_is_not_unpacked_to_its_end(compress, monkeypatch):
    monkeypatch.setattr(streams, "FREE_BYTES", 2**20)
    with pytest.raises(BrokenFile, match="expands to more than 200 times its size"):
        bombed(bytes(64 * 2**20), compress).read()


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress])
def test_a_file_cut_short_gives_what_it_has(compress):
    lines = b"".join(b"line %d of the archive\n" % at for at in range(200_000))
    packed = compress(lines)[:-2000]
    found: list[object] = []
    with pytest.raises(BrokenFile, match="can't be read on"):
        found.extend(read_lines(decompressed(io.BytesIO(packed), len(packed))))
    assert found[0] == (1, b"line 0 of the archive\n")
    assert len(found) > 10_000


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TEXT, "utf-8"),
        (TEXT, "utf-8-sig"),
        (TEXT, "utf-16"),
        (TEXT, "utf-32"),
        (CYRILLIC, "cp1251"),
        (CYRILLIC, "koi8-r"),
        ("Le président a reçu l’émissaire à l’Élysée, où tout était prêt.\n" * 9, "cp1252"),
        ("plain words\n", "ascii"),
    ],
)
def test_text_is_read_whatever_its_encoding(text, encoding):
    content = text.encode(encoding)
    assert in_utf8(io.BufferedReader(io.BytesIO(content)), content).read() == text.encode()


def test_one_bad_line_does_not_spoil_the_encoding_of_the_others():
    lines = [f"Größe {at} ändert sich\n".encode() for at in range(9)]
    assert find_encoding(b"".join([*lines[:4], "Größe\n".encode("cp1252"), *lines[4:]])) == "utf-8"


def test_a_character_cut_at_the_end_of_the_sample_is_no_bad_one():
    assert find_encoding(("x" * 9 + "Ж").encode()[:-1]) == "utf-8"


def test_a_line_larger_than_a_row_may_be_is_passed_over_without_being_held():
    content = b"first\n" + b"x" * (3 * MAX_ROW_BYTES) + b"\nlast"
    first, large, last = read_lines(io.BufferedReader(io.BytesIO(content)))
    assert (first, last) == ((1, b"first\n"), (3, b"last"))
    assert large[0] == 2
    assert isinstance(large[1], BadRow)


@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=20))
def test_lines_together_are_the_content(lines):
    content = b"\n".join(lines)
    found = list(read_lines(io.BufferedReader(io.BytesIO(content))))
    assert b"".join(line for _, line in found if isinstance(line, bytes)) == content
    assert [number for number, _ in found] == list(range(1, len(found) + 1))
