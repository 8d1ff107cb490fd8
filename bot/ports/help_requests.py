"""Help requests in the store: somebody on a call asks for advice."""

from collections.abc import Collection
from typing import Protocol

from bot.domain.help_request import HelpRequest
from bot.ports.team import Place


class HelpRequests(Protocol):
    """Help that people on a call ask for, and the messages that tell of it."""

    async def ask(self, request: HelpRequest, number: int | None, places: Collection[Place], /) -> HelpRequest:
        """Keep a request, and tell of it in these places; answers with its id."""
        ...

    async def get(self, request: int, /) -> HelpRequest | None: ...

    async def of_call(self, call: int, /) -> list[HelpRequest]: ...

    async def open(self) -> list[HelpRequest]:
        """All that nobody has answered, in calls that go on."""
        ...

    async def places(self, request: int, /) -> list[Place]:
        """Where a request was told."""
        ...

    async def asked(self, call: int, agent: int, /) -> bool:
        """Whether somebody was asked for help in that call: supervisors and experts who were told of a request.

        A request that a channel was told is everybody's: nobody knows who reads there.
        """
        ...

    async def save(self, before: HelpRequest, after: HelpRequest, places: Collection[Place] = (), /) -> None:
        """Keep a change, or nothing new; all messages are drawn anew, and it is told in these places too.

        Raises Conflict.
        """
        ...
