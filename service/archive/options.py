"""What a user may choose of a job."""

from enum import StrEnum


class OutputFormat(StrEnum):
    """How the results are written."""

    PARQUET = "parquet"
    JSONL = "jsonl"


class Mode(StrEnum):
    """How passages are read."""

    ACCURATE = "accurate"
    """All by the encoder."""
    FAST = "fast"
    """By the model's student, and what that has not cleared by the encoder."""


class EngineName(StrEnum):
    """Where the work is done."""

    LOCAL = "local"
    RAY = "ray"
