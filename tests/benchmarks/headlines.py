"""English headlines of six weeks whose stories are known (OG2021)."""

import json
from datetime import UTC, datetime
from pathlib import Path

from training.article import Article


def read_rows(data: Path) -> list[dict[str, str]]:
    """As they stand in the file, in order of time."""
    rows = [json.loads(line) for line in (data / "og2021_titles.jsonl").open()]
    return sorted((row for row in rows if row["lang"] == "eng"), key=lambda row: row["date"])


def read_headlines(data: Path) -> list[Article]:
    """In order of time."""
    return [
        Article(
            id=row["uri"],
            title=row["title"],
            published_at=datetime.fromisoformat(row["date"]).replace(tzinfo=UTC),
        )
        for row in read_rows(data)
    ]
