"""What is done to text before it is shown."""


def shorten(text: str, most: int) -> str:
    """The text, or as much of it as fits into `most` >= 1 characters with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
