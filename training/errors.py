"""Every error the training side raises, and the gRPC status each one becomes.

* TopicwireError
  + InvalidTaxonomy     INVALID_ARGUMENT
  + InvalidCorpus       INVALID_ARGUMENT
  + EncoderUnavailable  FAILED_PRECONDITION
  + ModelNotFound       NOT_FOUND
  + ModelRefused        FAILED_PRECONDITION
  + LinkRefused         FAILED_PRECONDITION
  + StoreUnusable       FAILED_PRECONDITION
  + WorseModel          FAILED_PRECONDITION
"""

from collections.abc import Sequence
from typing import ClassVar

from grpc import StatusCode
from pydantic import ValidationError


class TopicwireError(Exception):
    """Anything Topicwire can explain in one line to the person who asked."""

    status: ClassVar[StatusCode] = StatusCode.INTERNAL


class InvalidTaxonomy(TopicwireError):
    """The taxonomy file does not say what a taxonomy must."""

    status = StatusCode.INVALID_ARGUMENT


class InvalidCorpus(TopicwireError):
    """Rows of the labelled texts are wrong; `problems` names each by file, line and field."""

    status = StatusCode.INVALID_ARGUMENT

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class EncoderUnavailable(TopicwireError):
    """The encoder can't be loaded or is not the one that was asked for."""

    status = StatusCode.FAILED_PRECONDITION


class ModelNotFound(TopicwireError):
    """The store has no model of that number or alias."""

    status = StatusCode.NOT_FOUND


class ModelRefused(TopicwireError):
    """A model folder does not match its manifest, or needs another Topicwire to read it."""

    status = StatusCode.FAILED_PRECONDITION


class LinkRefused(TopicwireError):
    """A file does not hold a link, which tells whether two articles are of one story."""

    status = StatusCode.FAILED_PRECONDITION


class StoreUnusable(TopicwireError):
    """The store's folder can't be read or written."""

    status = StatusCode.FAILED_PRECONDITION


class WorseModel(TopicwireError):
    """A new model is worse than the one in use, which stays."""

    status = StatusCode.FAILED_PRECONDITION


def explain_row(error: ValidationError) -> list[str]:
    """What is wrong with a row of a file, a line for each field."""
    return [
        f"{'.'.join(map(str, e['loc'])) or 'row'}: {e['msg'].removeprefix('Value error, ')}"
        for e in error.errors()
    ]
