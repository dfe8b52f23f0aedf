"""Tells a file's format, by its content where that is cheap."""

import codecs
import re
from collections.abc import Iterator
from types import ModuleType

from service.archive.columns import Columns
from service.archive.meter import Meter
from service.archive.opening import Opened, opened
from service.archive.readers import delimited, html, jsonl, parquet, text, warc
from service.archive.rows import BadRow, BrokenFile, Fields, Place, Raw, Reject
from service.archive.sources import Source

READERS: dict[str, ModuleType] = {
    reader.NAME: reader for reader in (jsonl, delimited, parquet, text, html, warc)
}

_HTML = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body)", re.I | re.S
)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


def read_source(
    source: Source, columns: Columns, meter: Meter | None = None
) -> Iterator[Raw | Reject]:
    """The rows of a file in order; where it breaks off, a Reject is the last."""
    row = 0
    meter = meter or Meter()
    try:
        with opened(source, columns) as file, meter.on(source, file):
            reader = _find_reader(file)
            for row, found in reader.read(file):
                place = Place(source.name, row)
                if isinstance(found, BadRow):
                    yield Reject(place, str(found))
                else:
                    yield Raw(place, reader.NAME, found)
    except BrokenFile as error:
        yield Reject(Place(source.name, row and row + 1), str(error))


def parse_row(raw: Raw) -> Fields:
    """What a row says; raises BadRow."""
    fields: Fields = READERS[raw.format].parse(raw.content)
    return fields


def _find_reader(file: Opened) -> ModuleType:
    sample, name = file.sample, file.bare_name
    if not sample:
        raise BrokenFile("the file is empty")
    if sample.startswith(parquet.MAGIC):
        return parquet
    if sample.startswith(warc.MAGIC):
        return warc
    if b"\0" in sample and not sample.startswith(_WIDE):
        raise BrokenFile("binary, and of no format that can be read")
    begin = sample.removeprefix(codecs.BOM_UTF8).lstrip()
    if _HTML.match(begin) or name.endswith((".html", ".htm", ".xhtml")):
        return html
    return _find_text_reader(file, begin)


def _find_text_reader(file: Opened, begin: bytes) -> ModuleType:
    name = file.bare_name
    if name.endswith((".jsonl", ".ndjson")) or (begin.startswith(b"{") and b'"' in begin):
        return jsonl
    if begin.startswith(b"[{") or name.endswith(".json"):
        raise BrokenFile("a JSON document, not JSON Lines; `jq -c '.[]'` makes one object a line")
    if name.endswith((".csv", ".tsv", ".tab")):
        return delimited
    if not name.endswith((".txt", ".text", ".md")) and delimited.looks_delimited(file.sample):
        return delimited
    return text
