"""Structured logs: one line an event, as JSON or for a terminal, without secrets and without bodies."""

import logging
import sys
from collections.abc import Collection
from typing import Any

import structlog

MASK = "***"
QUIET = {"aiohttp.access": logging.WARNING, "apscheduler": logging.WARNING, "alembic": logging.WARNING}


def set_up_logs(level: str, as_json: bool, secrets: Collection[str]) -> None:
    """Send every log line to stderr; a secret's value never appears, whoever logs it."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    formatter = _Masking(
        secrets,
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)


class _Masking(structlog.stdlib.ProcessorFormatter):
    """Masks secrets by value, at the one place that every line passes."""

    def __init__(self, secrets: Collection[str], **options: Any) -> None:
        super().__init__(**options)
        self._secrets = [secret for secret in secrets if len(secret) >= 4]

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return line
