"""What a caller sends: one piece of news."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """One piece of news; only a title or a body is required."""

    title: str = ""
    body: str = ""
    id: str = ""
    published_at: datetime | None = None
    url: str = ""
    source: str = ""
    language: str = "en"

    @property
    def text(self) -> str:
        """All its words."""
        return f"{self.title}\n{self.body}"
