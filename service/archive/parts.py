"""What a block of rows becomes: labelled articles, rejects, and their counts."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from service.archive.blocks import Block
from service.archive.columns import Columns, to_article
from service.archive.digest import Digest, Seen, digest
from service.archive.formats import parse_row
from service.archive.rows import BadRow, Place, Raw, Reject
from training.arrays import Embeddings
from training.article import Article
from training.labels import Labelling


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found of an article, and by which stage."""

    labelling: Labelling
    stage: str
    vector: Embeddings | None = None
    """The mean of the passages that the encoder has read, float32 [dimension]; None if none."""


LabelArticles = Callable[[Sequence[Article]], Sequence[Answer]]
"""The answer for each article, in order."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A row of the results."""

    place: Place
    article: Article
    answer: Answer


class Counts(BaseModel):
    """How many articles of which kind there were."""

    model_config = ConfigDict(frozen=True)

    articles: int = 0
    rejects: int = 0
    out_of_distribution: int = 0
    topics: dict[str, int] = {}
    """How many articles were given each topic."""
    stages: dict[str, int] = {}
    """How many articles each stage decided."""

    @property
    def commonest(self) -> list[tuple[str, int]]:
        """The topics and their numbers, the most frequent first."""
        return Counter(self.topics).most_common()

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            articles=self.articles + other.articles,
            rejects=self.rejects + other.rejects,
            out_of_distribution=self.out_of_distribution + other.out_of_distribution,
            topics=Counter(self.topics) + Counter(other.topics),
            stages=Counter(self.stages) + Counter(other.stages),
        )


@dataclass(frozen=True)
class Part:
    """A block's results."""

    labelled: list[Labelled]
    rejects: list[Reject]

    def count(self) -> Counts:
        """What is in it."""
        answers = [row.answer for row in self.labelled]
        return Counts(
            articles=len(answers),
            rejects=len(self.rejects),
            out_of_distribution=sum(each.labelling.out_of_distribution for each in answers),
            topics=Counter(topic for each in answers for topic in each.labelling.topics),
            stages=Counter(each.stage for each in answers),
        )

    def digest(self) -> Digest:
        """What the report shows of it."""
        return digest(
            Seen(row.article, row.answer.labelling, row.answer.vector) for row in self.labelled
        )


def make_part(block: Block, columns: Columns, label: LabelArticles, *, max_chars: int) -> Part:
    """Looks into every row of a block, and labels those that are articles."""
    position = {row.place: at for at, row in enumerate(block.rows)}
    rejects: list[Reject] = []
    places: list[Place] = []
    articles: list[Article] = []
    for row in block.rows:
        found = understand(row, columns, max_chars)
        if isinstance(found, Reject):
            rejects.append(found)
        else:
            places.append(row.place)
            articles.append(found)
    labelled = []
    for place, article, answer in zip(places, articles, _label_each(articles, label), strict=True):
        if answer:
            labelled.append(Labelled(place, article, answer))
        else:
            rejects.append(Reject(place, "the encoder failed on it"))
    return Part(labelled, sorted(rejects, key=lambda each: position[each.place]))


def _label_each(articles: Sequence[Article], label: LabelArticles) -> Sequence[Answer | None]:
    """None for an article that breaks the encoder; the others are not touched by it."""
    try:
        return label(articles)
    except Exception:  # noqa: BLE001 - whatever a model raises, the job goes on
        if len(articles) <= 1:
            return [None] * len(articles)
        half = len(articles) // 2
        return [*_label_each(articles[:half], label), *_label_each(articles[half:], label)]


def understand(row: Raw | Reject, columns: Columns, max_chars: int) -> Article | Reject:
    """The article that a row is; a Reject if it is none."""
    if isinstance(row, Reject):
        return row
    try:
        return to_article(parse_row(row), columns, str(row.place), max_chars)
    except BadRow as error:
        return Reject(row.place, str(error))
