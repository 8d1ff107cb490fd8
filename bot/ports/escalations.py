"""Escalations in the store."""

from collections.abc import Collection, Mapping
from typing import Protocol

from bot.domain.escalation import Escalation
from bot.ports.team import Place


class Escalations(Protocol):
    """Help that was asked for with an inquiry, and the messages that tell of it."""

    async def ask(self, escalation: Escalation, /) -> Escalation:
        """Keep a question, and tell of it where its posts say; answers with its id."""
        ...

    async def get(self, id_: int, /) -> Escalation | None: ...

    async def of_inquiry(self, number: int, /) -> list[Escalation]:
        """All that were asked with an inquiry, the oldest first."""
        ...

    async def save(self, before: Escalation, after: Escalation, /) -> None:
        """Keep a change; all messages are drawn anew, and new posts are said.

        Raises Conflict when it is no longer at the version that the change began from.
        """
        ...

    async def withdraw(self, number: int, /) -> int:
        """The inquiry was resolved: nobody needs to answer any more. Says how many waited. Raises Conflict."""
        ...

    async def reaches(self, platform: str, /) -> bool:
        """Whether anybody of the team, or any queue, is on a platform."""
        ...

    async def directly(self, agents: Collection[int], /) -> Mapping[int, Place]:
        """Where one writes to each of these people by direct message, of those who are of the team."""
        ...
