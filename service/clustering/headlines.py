"""One line that stands for an article."""

from service.text import shorten
from training.article import Article

MOST_CHARS = 200


def headline_of(article: Article) -> str:
    """The title or the beginning of the body, on one line."""
    return shorten(" ".join((article.title.strip() or article.body).split()), MOST_CHARS)
