"""The tests' clock: it stands still until it is moved."""

from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
"""Ten o'clock of a working day in Tokyo."""


class Clock:
    """`bot.ports.Clock` for tests. Leases and due times on PostgreSQL go by the server's clock, not by this one."""

    def __init__(self, at: datetime = MORNING) -> None:
        self._at = at

    def __call__(self) -> datetime:
        """The time that it is, aware."""
        return self._at

    def set(self, at: datetime) -> None:
        """Make it that time. Raises ValueError on one without a time zone."""
        if at.tzinfo is None:
            raise ValueError("a clock tells aware times")
        self._at = at

    def forward(self, by: timedelta) -> datetime:
        """Let time pass; the new time."""
        self._at += by
        return self._at
