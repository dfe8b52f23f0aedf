"""What a user may choose of a job."""

from enum import StrEnum


class OutputFormat(StrEnum):
    """How the results are written."""

    PARQUET = "parquet"
    JSONL = "jsonl"
