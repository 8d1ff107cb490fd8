"""Phone calls in the store, whose telephone is whose, and the boards that show who is on the phone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.agent import Agent
from bot.domain.phone import Line, PhoneCall
from bot.ports.team import Place


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that goes on, and when its agent was asked last whether it does."""

    call: PhoneCall
    asked_at: datetime | None = None


class Phone(Protocol):
    """The phone calls of the team. What is kept is what was told; the rest follows from that."""

    async def lock(self, agent: int, /) -> None:
        """Let nobody else work on this agent's calls until the transaction ends."""
        ...

    async def get(self, call: int, /) -> PhoneCall | None: ...

    async def of_line(self, line: Line, /) -> list[PhoneCall]:
        """The calls that telephony knows by that name: one for each agent who had it."""
        ...

    async def recent(self, agent: int, since: datetime, /) -> list[PhoneCall]:
        """Somebody's calls that go on, or began since then."""
        ...

    async def live(self) -> list[LiveCall]:
        """All calls that go on, the one that began first at first."""
        ...

    async def live_of(self, agents: Collection[int], /) -> Mapping[int, PhoneCall]:
        """The call that each of these people is on."""
        ...

    async def of_inquiry(self, number: int, /) -> list[PhoneCall]:
        """The calls about an inquiry, the newest first."""
        ...

    async def of_person(self, person: int, limit: int, /) -> list[PhoneCall]:
        """The calls with a person, by all their records, the newest first."""
        ...

    async def keep(self, call: PhoneCall, /) -> PhoneCall:
        """Keep a call as it is known now; a new one (id 0) gets its id. Its agent is locked by then."""
        ...

    async def asked(self, call: int, at: datetime, /) -> None:
        """Its agent was asked whether it goes on."""
        ...

    async def asked_at(self, call: int, /) -> datetime | None:
        """When they were asked that last."""
        ...

    async def agent_at(self, address: str, /) -> Agent | None:
        """Whose telephone that is, of the people of the team; case does not count."""
        ...

    async def extensions(self, agent: int, /) -> list[str]: ...

    async def give_extension(self, address: str, agent: int, /) -> None:
        """From now on that is their telephone, and nobody else's."""
        ...

    async def take_extension(self, address: str, /) -> bool:
        """It is nobody's; False: it was nobody's before."""
        ...

    async def boards(self) -> list[Place]:
        """Where boards are shown."""
        ...

    async def show_board(self, place: Place, is_first: bool = False, /) -> bool:
        """Show one there; False: it is shown already. `is_first`: unless somebody took it away there before.

        Where one stood before, another is posted.
        """
        ...

    async def hide_board(self, place: Place, /) -> bool:
        """Show none there any more; False: there was none."""
        ...

    async def board_at(self, platform: str, channel: str, message: str, /) -> bool:
        """Whether that message is a board."""
        ...

    async def say(self, call: PhoneCall, /) -> None:
        """Tell its agent of the call: one message for each, drawn anew where it stands.

        What they were asked last of it is drawn anew too, and so are the boards.
        """
        ...

    async def say_check(self, call: PhoneCall, at: datetime, /) -> None:
        """Ask its agent whether it still goes on, by a message of its own. Said again at the same `at`: drawn anew."""
        ...

    async def say_boards(self) -> None:
        """Draw all boards anew, at the end of the transaction."""
        ...
