"""Follow-ups in the store."""

from datetime import datetime
from typing import Protocol

from bot.domain.follow_up import FollowUp


class FollowUps(Protocol):
    """When people want to be reminded of an inquiry."""

    async def add(self, number: int, agent: int, at: datetime, note: str, now: datetime, /) -> FollowUp:
        """Somebody wants to be reminded then. At the same moment of the same inquiry it is one, with the newer note."""
        ...

    async def get(self, follow_up: int, /) -> FollowUp | None: ...

    async def of_agent(self, agent: int, until: datetime, /) -> list[FollowUp]:
        """What somebody is still to be reminded of by then, in order."""
        ...

    async def of_inquiry(self, number: int, /) -> list[FollowUp]:
        """What people are still to be reminded of about an inquiry, in order."""
        ...

    async def take_due(self, now: datetime, limit: int, /) -> list[FollowUp]:
        """What is due by `now`, the earliest first: each once, whoever asks. What another process takes is left out.

        They are told from now on (`told_at`, the database's time) unless the transaction is rolled back.
        """
        ...

    async def cancel(self, follow_up: int, agent: int, /) -> bool:
        """Forget one of somebody's own; False: there is none such, or they were told."""
        ...
