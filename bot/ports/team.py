"""The team, the queues, and the channels where their cards show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.agent import Agent, Role


@dataclass(frozen=True, slots=True)
class Handle:
    """Who somebody is on a platform."""

    platform: str
    user: str


class Agents(Protocol):
    """The team."""

    async def by_handle(self, handle: Handle, /) -> Agent | None: ...

    async def all(self) -> list[Agent]:
        """Everybody who has a role, by name."""
        ...

    async def handles(self, agent: int, /) -> list[Handle]:
        """Who somebody is on platforms; first the handle that they began with, by which they are called."""
        ...

    async def enrol(self, handle: Handle, name: str, role: Role | None, language: str, time_zone: str) -> Agent:
        """Make somebody of a platform an agent or supervisor, or (None) no longer one; others keep their name."""
        ...

    async def appoint(self, agent: int, role: Role | None, by: Handle, /) -> None:
        """Give somebody the role that a platform says they have, as whom it knows by that handle; None takes it."""
        ...

    async def appointed_by(self, agent: int, by: Handle, /) -> bool:
        """True when that is how their role was given or taken last, and not by a person or another platform."""
        ...

    async def offer_link(self, agent: int, code: str, until: datetime, /) -> None:
        """Keep a code by which somebody joins another handle to theirs, once and until then; it ends an older one."""
        ...

    async def take_link(self, code: str, now: datetime, /) -> Agent | None:
        """Whose code it is, if it is still good; from now on it is not."""
        ...

    async def join(self, agent: Agent, handle: Handle, other: Agent | None, /) -> Agent:
        """Let a handle be this agent's too. Who had it until now (`other`) becomes that agent, with all they hold.

        The higher of two roles stays. Raises Conflict when either changed at this very moment.
        """
        ...

    async def speak(self, agent: int, language: str, /) -> None:
        """Remember the language in which somebody wants to be answered."""
        ...

    async def describe(self, agent: int, name: str, language: str, time_zone: str, /) -> None:
        """Take over what a platform says of somebody, where it does; a language that they chose themselves stays."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A channel on a platform."""

    platform: str
    channel: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of inquiries: the channels that show its cards, in one language and time zone."""

    name: str
    language: str
    time_zone: str
    places: tuple[Place, ...] = ()


class Queues(Protocol):
    """The queues and where they show."""

    async def get(self, name: str) -> Queue | None: ...

    async def all(self) -> list[Queue]: ...

    async def add(self, name: str, language: str, time_zone: str) -> None:
        """Make a queue, if it is not there."""
        ...

    async def show(self, name: str, place: Place) -> bool:
        """Show a queue's cards in one more channel, the open ones at once; False: it does already."""
        ...

    async def hide(self, name: str, place: Place) -> bool:
        """Show a queue's new cards there no longer; False: it did not."""
        ...
