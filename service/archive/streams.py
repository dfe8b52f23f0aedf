"""Bytes of files: decompressed, within limits, in UTF-8, line by line."""

import codecs
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from typing import IO, Protocol

import charset_normalizer

if sys.version_info >= (3, 14):
    from compression import zstd as zstd  # noqa: PLC0414 - tests take it from here
else:
    from backports import zstd as zstd  # noqa: PLC0414 - tests take it from here

from service.archive.rows import MAX_ROW_BYTES, TOO_LARGE, BadRow, BrokenFile

SAMPLE_BYTES = 256 * 1024
"""How much of a file its format and encoding are told by."""

MAX_EXPANSION = 200
"""How many times its own size a compressed file may grow to; news grows about fourfold."""

FREE_BYTES = 64 * 2**20
"""How much may come out of a compressed file whatever its size."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CHUNK = 64 * 1024


def decompressed(file: IO[bytes], size: int) -> io.BufferedReader:
    """The content of a file of that many bytes, whether it is gzip, zstd or neither.

    Reading raises BrokenFile where the compression is broken, or expands beyond measure.
    """
    magic = file.read(len(_ZSTD))
    file.seek(0)
    most = max(FREE_BYTES, size * MAX_EXPANSION)
    if magic.startswith(_GZIP):
        return _buffered(_Guarded(gzip.GzipFile(fileobj=file), most))
    if magic == _ZSTD:
        return _buffered(_Guarded(zstd.ZstdFile(file), most))
    return _buffered(_Guarded(file, most=None))


class Readable(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int, /) -> bytes:
        """At most so many; none at the end."""


class _Guarded(io.RawIOBase):
    """A stream whose every failure is a BrokenFile, and that ends before it is too much."""

    def __init__(self, stream: Readable, most: int | None) -> None:
        self._stream = stream
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        try:
            content = self._stream.read(len(buffer))
        except (OSError, EOFError, zlib.error, zstd.ZstdError) as error:
            raise BrokenFile(f"can't be read on: {error}") from None
        if self._left is not None:
            self._left -= len(content)
            if self._left < 0:
                raise BrokenFile(f"expands to more than {MAX_EXPANSION} times its size")
        buffer[: len(content)] = content
        return len(content)


def in_utf8(stream: io.BufferedReader, sample: bytes) -> io.BufferedReader:
    """The same text in UTF-8 without a byte order mark; the sample is how it begins."""
    encoding = find_encoding(sample)
    if encoding != "utf-8":
        return _buffered(_Recoded(stream, encoding))
    if sample.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    return stream


def find_encoding(sample: bytes) -> str:
    """The encoding of a text that begins so.

    It is UTF-8 if most lines that could tell are, as few texts are UTF-8 by chance: one bad line
    must not spoil the others. Otherwise it is what charset-normalizer thinks likeliest.
    """
    for mark, encoding in _BOMS.items():
        if sample.startswith(mark):
            return encoding
    lines = sample.split(b"\n")
    telling = [line for line in lines[:-1] or lines if not line.isascii()]
    if sum(map(_is_utf8, telling)) * 2 >= len(telling):
        return "utf-8"
    best = charset_normalizer.from_bytes(b"\n".join(telling)[:_CHUNK]).best()
    return best.encoding if best else "utf-8"


def read_lines(stream: io.BufferedReader) -> Iterator[tuple[int, bytes | BadRow]]:
    """Number and content of each line, from 1; a BadRow for one larger than a row may be."""
    number = 0
    while line := stream.readline(MAX_ROW_BYTES):
        number += 1
        if len(line) < MAX_ROW_BYTES or line.endswith(b"\n"):
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(_CHUNK)
        yield number, BadRow(TOO_LARGE)


def read_whole(stream: Readable) -> bytes | BadRow:
    """All that is left; a BadRow if it is larger than a row may be."""
    content = stream.read(MAX_ROW_BYTES + 1)
    return BadRow(TOO_LARGE) if len(content) > MAX_ROW_BYTES else content


def _is_utf8(line: bytes) -> bool:
    """Whether the line is UTF-8 as far as it goes; its last character may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line)
    except UnicodeDecodeError:
        return False
    return True


class _Recoded(io.RawIOBase):
    """A stream of text in UTF-8 that was in another encoding."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._rest:
            content = self._stream.read(_CHUNK)
            self._rest = self._decoder.decode(content, final=not content).encode(errors="replace")
            if not content:
                break
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def _buffered(raw: io.RawIOBase) -> io.BufferedReader:
    return io.BufferedReader(raw, SAMPLE_BYTES)
