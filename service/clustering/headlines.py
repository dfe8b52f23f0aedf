"""One line that stands for an article."""

from training.article import Article

MOST_CHARS = 200


def headline_of(article: Article) -> str:
    """The title or the beginning of the body, on one line."""
    return shorten(" ".join((article.title.strip() or article.body).split()), MOST_CHARS)


def shorten(line: str, most: int) -> str:
    """The line, or as much of it as fits into so many characters with an ellipsis."""
    return line if len(line) <= most else f"{line[: most - 1]}…"
