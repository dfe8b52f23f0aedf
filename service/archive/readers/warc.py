"""WARC files of web crawls."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from service.archive.opening import Opened
from service.archive.readers import html
from service.archive.rows import BadRow, BrokenFile, Fields, Found
from service.archive.streams import read_whole

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

NAME = "warc"
MAGIC = b"WARC/"


def read(opened: Opened) -> Iterator[Found]:
    """Every HTML page that was fetched; redirects, errors, pictures and the like are no rows."""
    try:
        from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 - an extra
        from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415
    except ImportError:
        raise BrokenFile("WARC needs another package: pip install 'topicwire[web]'") from None
    try:
        for number, record in enumerate(ArchiveIterator(opened.stream), 1):
            if _is_page(record):
                yield number, _read_page(record)
    except (ArchiveLoadFailed, ValueError, EOFError) as error:
        raise BrokenFile(f"can't be read as WARC: {error}") from None


def parse(content: Fields) -> Fields:
    """Title, text and what else the page says of itself; its own date goes before the crawl's."""
    page, url = content["page"], content["url"]
    if not isinstance(page, bytes):
        raise BadRow("not a page")
    found = html.extract(page, url=str(url) if url else None)
    date = found["published_at"] or content["date"]
    return {**found, "id": content["id"], "published_at": date}


def _is_page(record: "ArcWarcRecord") -> bool:
    reply = record.http_headers
    return (
        record.rec_type == "response"
        and reply is not None
        and reply.get_statuscode() == "200"
        and "html" in reply.get_header("Content-Type", "").lower()
    )


def _read_page(record: "ArcWarcRecord") -> Fields | BadRow:
    page = read_whole(record.content_stream())
    if isinstance(page, BadRow):
        return page
    asked = record.rec_headers.get_header
    return {
        "page": page,
        "url": asked("WARC-Target-URI"),
        "id": asked("WARC-Record-ID"),
        "date": asked("WARC-Date"),
    }
