"""The topics a model can give, read from one TOML file."""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from training.errors import InvalidTaxonomy
from training.thresholds import Aim

TopicId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Share = Annotated[float, Field(gt=0, lt=1)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Topic(BaseModel):
    """One topic, in the words that people and the encoder read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: TopicId
    """What labels carry: lower case letters, digits and underscores."""
    name: Text
    """The topic's name for people."""
    description: Text
    """What the topic means; takes part in the fit."""
    seed_phrases: tuple[Text, ...] = ()
    """Short phrases typical of the topic; take part in the fit."""

    target_precision: Share | None = None
    """The precision that its threshold is to reach. Unset: the threshold of highest F1."""
    target_recall: Share | None = None
    """The recall that its threshold is to reach; not beside a precision."""

    @model_validator(mode="after")
    def _has_one_aim(self) -> "Topic":
        if self.target_precision is not None and self.target_recall is not None:
            raise ValueError("give target_precision or target_recall, not both")
        return self

    @property
    def aim(self) -> Aim:
        """What its threshold is to reach."""
        return Aim(precision=self.target_precision, recall=self.target_recall)

    @property
    def prior_texts(self) -> tuple[str, ...]:
        """The texts that stand for the topic before any example is seen."""
        return (self.name, self.description, *self.seed_phrases)


class _TaxonomyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    topics: tuple[Topic, ...] = Field(min_length=1, max_length=1000)


@dataclass(frozen=True)
class Taxonomy:
    """An ordered set of topics with distinct ids."""

    topics: tuple[Topic, ...]

    @property
    def names(self) -> dict[str, str]:
        """What people call each topic, by its id, in order."""
        return {topic.id: topic.name for topic in self.topics}

    @property
    def ids(self) -> tuple[str, ...]:
        """The topics' ids, in order."""
        return tuple(topic.id for topic in self.topics)

    @property
    def aims(self) -> tuple[Aim, ...]:
        """What each topic's threshold is to reach, in order."""
        return tuple(topic.aim for topic in self.topics)

    def to_toml(self) -> str:
        """The taxonomy as the TOML that `parse_taxonomy` reads."""
        return tomli_w.dumps(
            {"topics": [topic.model_dump(exclude_none=True) for topic in self.topics]}
        )


def parse_taxonomy(toml: str, origin: str = "taxonomy") -> Taxonomy:
    """The taxonomy that a TOML text describes; `origin` names the text in errors."""
    try:
        topics = _TaxonomyFile.model_validate(tomllib.loads(toml)).topics
    except tomllib.TOMLDecodeError as error:
        raise InvalidTaxonomy(f"{origin}: not TOML: {error}") from None
    except ValidationError as error:
        raise InvalidTaxonomy("\n".join(_explain(origin, e) for e in error.errors())) from None
    ids = [topic.id for topic in topics]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise InvalidTaxonomy(f"{origin}: two topics have the id {', '.join(twice)}")
    return Taxonomy(topics)


def load_taxonomy(path: Path) -> Taxonomy:
    """The taxonomy of a TOML file."""
    try:
        return parse_taxonomy(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise InvalidTaxonomy(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidTaxonomy(f"{path}: not UTF-8 text") from None


def builtin_taxonomy() -> Taxonomy:
    """Infrastructure attacks, diplomacy and arms production."""
    resource = files("training") / "data" / "taxonomy.toml"
    return parse_taxonomy(resource.read_text(encoding="utf-8"), "the built-in taxonomy")


def _explain(origin: str, error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"])
    return f"{origin}: {re.sub(r'^[.]', '', path)}: {error['msg']}"
