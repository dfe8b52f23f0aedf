"""Full stories of a news agency, some of them long (Reuters-21578)."""

import json
from pathlib import Path

from training.article import Article


def read_wires(data: Path) -> list[Article]:
    """In the order of the file; where a story has no title or body, it is empty."""
    with (data / "reuters21578.jsonl").open() as file:
        rows = [json.loads(line) for line in file]
    return [Article(title=row.get("title", ""), body=row.get("body", "")) for row in rows]
