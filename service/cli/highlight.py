"""Shows an article in the terminal with its evidence highlighted."""

from rich.text import Text

from service.cli.screen import out
from training.article import Article
from training.labels import Labelling
from training.passages import Field

COLOURS = ("red", "blue", "green", "magenta", "cyan", "yellow")


def print_labelling(article: Article, labelling: Labelling) -> None:
    """The labels, then the article with the passages that earned them in their colours."""
    colours = _colours(labelling)
    if not labelling.labels:
        unlike = ", and unlike all that the model has seen" * labelling.out_of_distribution
        out.print(Text(f"about none of the topics{unlike}", style="dim"))
    for label in labelling.labels:
        name = Text(label.topic, style=f"bold {colours[label.topic]}")
        out.print(name, f"{label.probability:.2f} (threshold {label.threshold:.2f})")
    for field, text in ((Field.TITLE, article.title), (Field.BODY, article.body)):
        if text:
            out.print()
            out.print(highlighted(text, field, labelling))


def highlighted(text: str, field: Field, labelling: Labelling) -> Text:
    """The text with each evidence passage in the colour of the label it speaks most for."""
    colours = _colours(labelling)
    shown = Text(text)
    found = [
        (evidence.probability, evidence.passage, colours[label.topic])
        for label in labelling.labels
        for evidence in label.evidence
        if evidence.passage.field is field
    ]
    for _, passage, colour in sorted(found, key=lambda each: each[0]):
        shown.stylize(colour, passage.start, passage.end)
    return shown


def _colours(labelling: Labelling) -> dict[str, str]:
    return {topic: COLOURS[at % len(COLOURS)] for at, topic in enumerate(labelling.probabilities)}
