"""Digests in the store."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Protocol

from bot.domain.digest import Digest, Figures, Part, Slot
from bot.domain.inquiry import Inquiry


class Digests(Protocol):
    """How the queues stood, morning and evening."""

    async def get(self, digest: int, /) -> Digest | None: ...

    async def before(self, queue: str, part: Part, day: date, /) -> Digest | None:
        """The last digest of that part of a day before that one."""
        ...

    async def newest(self, queue: str, /) -> Digest | None:
        """The last digest of a queue, whatever its part."""
        ...

    async def told(self, queues: Collection[str], since: date, /) -> set[tuple[str, date, Part]]:
        """Those of these queues that were kept for that day and later ones."""
        ...

    async def keep(self, queue: str, slot: Slot, at: datetime, figures: Figures, /) -> int | None:
        """Keep one, and say it in the queue's channels: its id, or None when another process has done so already."""
        ...

    async def figures(self, queue: str, now: datetime, today: datetime, since: datetime, /) -> Figures:
        """How a queue stands now; `today` ends the day, and `since` begins what counts as new and resolved."""
        ...

    async def urgent(self, queue: str, limit: int, /) -> list[Inquiry]:
        """What is open and due first, that nobody waits for."""
        ...

    async def unclaimed(self) -> Mapping[str, int]:
        """How many inquiries nobody has, that nobody waits for: by queue, where there are any."""
        ...
