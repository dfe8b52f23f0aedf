"""Logs as structured lines on standard error."""

import sys

import structlog


def configure_logs() -> None:
    """Colours for a terminal, JSON for everything else."""
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if terminal else [structlog.processors.format_exc_info]),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
            if terminal
            else structlog.processors.JSONRenderer(),
        ],
        # One write for each line: those of several processes do not run into one another.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
