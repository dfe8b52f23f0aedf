"""HTML pages: one article a file, without the page's furniture."""

from collections.abc import Iterator

from service.archive.opening import Opened
from service.archive.rows import BadRow, Fields, Found
from service.archive.streams import read_whole

NAME = "html"


def read(opened: Opened) -> Iterator[Found]:
    """The whole file."""
    yield 1, read_whole(opened.stream)


def parse(content: bytes) -> Fields:
    """Title, text and what else the page says of itself."""
    return extract(content, url=None)


def extract(page: bytes, url: str | None) -> Fields:
    """What trafilatura finds in a page; raises BadRow if it finds no text."""
    try:
        import trafilatura  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise BadRow("HTML needs another package: pip install 'topicwire[web]'") from None
    found = trafilatura.bare_extraction(page, url=url, with_metadata=True)
    said = found.as_dict() if isinstance(found, trafilatura.settings.Document) else {}
    if not said.get("text"):
        raise BadRow("no article found in the page")
    return {
        "title": said["title"],
        "body": said["text"].removeprefix(f"{said['title']}\n"),  # not the headline twice
        "published_at": said["date"],
        "url": said["url"] or url,
        "source": said["sitename"] or said["hostname"],
        "language": said["language"],
    }
