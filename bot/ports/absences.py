"""Absences and quiet hours in the store."""

from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Protocol

from bot.domain.absence import Absence, Quiet


class Absences(Protocol):
    """When people are away, and when they want quiet."""

    async def away(self, agents: Collection[int], at: datetime, /) -> Mapping[int, Absence]:
        """Who of these is away then, each with the absence that ends last."""
        ...

    async def get(self, absence: int, /) -> Absence | None: ...

    async def listed(self, agent: int, since: datetime, /) -> list[Absence]:
        """Somebody's absences that end after then, in order."""
        ...

    async def team_listed(self, since: datetime, limit: int, /) -> list[Absence]:
        """Those of everybody who is of the team that end after then, in order: the first of them."""
        ...

    async def add(self, agent: int, since: datetime, until: datetime, reason: str = "", /) -> Absence:
        """Somebody will be away."""
        ...

    async def end(self, absence: int, at: datetime, /) -> None:
        """Somebody is back at `at`, or will not go; what is over already stays as it was."""
        ...

    async def quiet(self, agents: Collection[int], /) -> Mapping[int, Quiet]:
        """The quiet hours of those of them who have any."""
        ...

    async def set_quiet(self, agent: int, since: time | None, until: time | None, /) -> None:
        """Quiet hours from now on; None: none any more."""
        ...
