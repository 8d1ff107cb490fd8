"""Structured logs: one line an event, as JSON or for a terminal, without secrets and without bodies."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Collection
from types import TracebackType
from typing import Any

import structlog

MASK = "***"
SHORTEST = 4
"""Secrets of fewer characters are parts of ordinary words: masking them would make riddles of the lines."""
QUIET = {
    "aiohttp.access": logging.WARNING,
    "aiosqlite": logging.WARNING,  # tells every statement with its values, and those are people's mails
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
}
VALUES = re.compile(
    r"^\[parameters: [^\n]*|^DETAIL: .*?(?=^\[SQL: |^The above|^During handling|\Z)", re.MULTILINE | re.DOTALL
)
"""Where database errors repeat what was to be stored: SQLAlchemy's parameters, PostgreSQL's detail."""


def set_up_logs(level: str, as_json: bool, secrets: Collection[str]) -> None:
    """Send every log line to stderr; a secret's value never appears, whoever logs it."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Richer tracebacks would show what variables hold, which is people's mails.
    plain = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    formatter = _Masking(
        secrets,
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(_told),
            structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else plain,
        ],
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
        spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
        self._secrets = sorted((one for one in spellings if len(one) >= SHORTEST), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return line


def _spellings(secret: str) -> tuple[str, ...]:
    """A secret as it is, and as it stands inside of JSON and of Python's quotes."""
    in_quotes = repr(secret)[1:-1]
    return (secret, in_quotes, *(json.dumps(one, ensure_ascii=False)[1:-1] for one in (secret, in_quotes)))


def _told(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """The traceback in words, without the values that a statement carried."""
    return VALUES.sub("", "".join(traceback.format_exception(*exc_info))).rstrip()
