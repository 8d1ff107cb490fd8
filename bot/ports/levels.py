"""The service levels in the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.agent import Agent


@dataclass(frozen=True, slots=True)
class LevelsVersion:
    """What was laid down at a time: `body` is the document (`bot.level_file`), `by` None the desk itself."""

    version: int
    body: str
    at: datetime
    by: Agent | None = None
    why: str = ""


class LevelsRoom(Protocol):
    """What was laid down as service levels, version by version. Documents come checked (`bot.level_file.read`)."""

    async def current(self) -> LevelsVersion | None:
        """The newest version, which holds; None: nobody has laid down anything."""
        ...

    async def keep(self, body: str, seen: int, by: Agent | None, at: datetime, why: str, /) -> int:
        """Lay down a new version, and say its number. `seen` is the one that was changed; 0: there was none.

        Open inquiries follow by `apply`. Raises Conflict when `seen` is not the newest any more.
        """
        ...

    async def versions(self, limit: int, /) -> list[LevelsVersion]:
        """The newest versions, the newest first."""
        ...

    async def apply(self, limit: int, /) -> int:
        """Mark so many open inquiries to be timed anew, as far as the newest version has not marked them yet.

        Says how many; 0: all follow it, or another process is at it. It waits for inquiries that others have locked:
        whoever times one reads the levels after locking it, and so never by a version that is none any more.
        """
        ...
