"""What a user may choose of a job."""

from enum import StrEnum


class OutputFormat(StrEnum):
    """How the results are written."""

    PARQUET = "parquet"
    JSONL = "jsonl"


class EngineName(StrEnum):
    """Where the work is done."""

    LOCAL = "local"
    RAY = "ray"
