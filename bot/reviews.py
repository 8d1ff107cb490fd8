"""Reviews: the owners of templates and articles are reminded to look at them, once for each review date."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.ports import Clock, Store
from bot.translator import known_zone

EVERY = 3600.0
"""Seconds between looks at the dates: whose day has come is told within the hour."""
AT_ONCE = 200
"""Articles at a look; the others an hour later."""
MORNING = 9
"""The hour of the team's day before which nobody is reminded."""


class Reviews:
    """Puts reminders into the outbox. That one was said stands in the database: a restart repeats none."""

    def __init__(self, store: Store, clock: Clock, time_zone: str) -> None:
        self._store = store
        self._clock = clock
        self._zone = ZoneInfo(known_zone(time_zone))

    async def remind(self) -> int:
        """Remind of everything whose day has come, in the team's time zone; says of how many."""
        now: datetime = self._clock().astimezone(self._zone)
        if now.hour < MORNING:
            return 0
        async with self._store.transaction() as tx:
            return await tx.templates.remind(now.date()) + await tx.articles.remind(now.date(), AT_ONCE)
