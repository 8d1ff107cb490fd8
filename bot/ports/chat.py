"""What a chat platform does for us, what it may ask of us, and how a send can fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.chat.card import Card, Choice
from bot.chat.invocation import Answer, Invocation
from bot.chat.profile import Profile


class SendError(Exception):
    """A message did not go out as asked.

    SendError
      NotSent      surely not sent: try again later
        Busy       this kind of request has to wait, others may go
      Unclear      nobody knows: look before sending again
      Refused      the platform said no and will say no again: a person must mend something
        Closed     to direct messages, which that person does not take
      MessageGone  the message to change exists no longer
    """


class NotSent(SendError):
    """Surely not sent. `retry_after` says how many seconds the platform asked us to wait, if it did."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Busy(NotSent):
    """Surely not sent: the platform has limits for requests of this kind, whatever place they are for."""


class Unclear(SendError):
    """The answer was lost: the message may or may not have gone out."""


class Refused(SendError):
    """The platform refuses it, in its own words; sending again would not help."""


class Closed(Refused):
    """Somebody takes no direct messages."""


class MessageGone(SendError):
    """The message to change has been deleted."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a platform allows and offers: posts per second in one channel, with bursts, and how it settles.

    An unclear post is looked for `settle` after it began, and again `settle` later, before it is sent again.
    """

    per_second: float
    burst: int
    settle: timedelta


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message stands on its platform."""

    channel: str
    message: str


class Desk(Protocol):
    """What a chat platform may ask of the core."""

    async def call(self, invocation: Invocation) -> Answer | None:
        """Carry out a command; never raises, the answer says in words what went wrong.

        None: its event came before and has had its effect; there is nothing to say again.
        """
        ...

    async def reply(self, invocation: Invocation) -> Answer | None:
        """Somebody wrote `text` in the thread under a message of ours, or replied to it: `message`. Never raises.

        None: it concerns nobody here, or came before.
        """
        ...

    async def complete(self, invocation: Invocation, option: str, typed: str) -> Sequence[Choice]:
        """Values for an option that fit what was typed so far."""
        ...

    async def meet(self, platform: str, profile: Profile) -> None:
        """Take note of what a platform says of a person: who may not be of the team loses their role. Never raises."""
        ...


class ChatPlatform(Protocol):
    """A place where the team talks. A channel that begins with @ is the direct messages of that person."""

    @property
    def name(self) -> str: ...

    @property
    def pace(self) -> Pace: ...

    @property
    def trouble(self) -> str:
        """Empty when all is well, else a sentence for operators."""
        ...

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        """Post a card; `key` marks it so that `find` knows it again. Raises SendError."""
        ...

    async def update(self, message: MessageRef, card: Card) -> None:
        """Put a card's new state where it stands. Raises SendError."""
        ...

    async def reply(self, message: MessageRef, card: Card, key: str) -> MessageRef:
        """Post a card in the thread under a message. Raises SendError."""
        ...

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        """Send a card to one person by direct message. Raises SendError."""
        ...

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        """The message that carries `key`, posted after `since` into the channel, or into the thread under a message."""
        ...

    async def remove(self, message: MessageRef) -> None:
        """Take one of our own messages away; one that is gone already is fine. Raises SendError."""
        ...

    async def run(self, desk: Desk) -> None:
        """Serve the platform's people until cancelled."""
        ...


class Directory(Protocol):
    """A platform that knows its people."""

    @property
    def name(self) -> str: ...

    async def profile(self, user: str) -> Profile | None:
        """What it says of a person now, None when there is nobody of that id. Raises SendError when it does not say."""
        ...


class Healable(Protocol):
    """A platform that may hold a message twice, because it knows no key that would have prevented it."""

    @property
    def name(self) -> str: ...

    async def doubles(self, channel: str, since: datetime) -> Sequence[Sequence[MessageRef]]:
        """Messages posted since then under the same key, oldest first, two or more in a group. Raises SendError."""
        ...

    async def remove(self, message: MessageRef) -> None:
        """Take one of our own messages away. Raises SendError."""
        ...
