"""Advice in the store: the pieces, what was told of them, and the messages that bring them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.advice import Advice, Receipt
from bot.domain.prepared import Counts


@dataclass(frozen=True, slots=True)
class Way:
    """How far the message is that brings a piece: how long it waits until it is sent; or a platform refused it."""

    wait: timedelta = timedelta()
    is_refused: bool = False


class AdviceRoom(Protocol):
    """Advice to people on a call, and notes to those who are not."""

    async def give(self, advice: Advice, number: int | None, /) -> Advice:
        """Keep a new piece, which gets its id, about that inquiry; it is sent once it is bound."""
        ...

    async def get(self, advice: int, /) -> Advice | None: ...

    async def number_of(self, advice: int, /) -> int | None:
        """The inquiry that a piece is about."""
        ...

    async def of_call(self, call: int, /) -> list[Advice]:
        """All that was said in a call, the oldest first."""
        ...

    async def of_calls(self, calls: Collection[int], /) -> Mapping[int, list[Advice]]:
        """The same for many calls at once."""
        ...

    async def tell(self, advice: int, receipt: Receipt, /) -> None:
        """Note what happened; told twice, it happened at the earlier moment. Draws anew whatever shows it: the message
        that brought it, what its sender sees of it, and the boards."""
        ...

    async def bind(
        self, agent: int, every: timedelta, quiet_until: datetime | None, notes_from: datetime | None = None, /
    ) -> None:
        """Put what is queued for somebody into messages, each due at its time; see `bot.domain.advising`.

        Messages that nobody has begun to send take more in, and are due anew when `quiet_until` changed. A note goes
        at once, in a message of its own, but not before `notes_from`. What is queued in a call that is over is
        withdrawn.
        """
        ...

    async def pieces(self, outbox_id: int, /) -> list[Advice]:
        """What a message brings, in order."""
        ...

    async def ways(self, advice: Collection[int], /) -> Mapping[int, Way]:
        """How far the messages are that bring these pieces; those in none are left out."""
        ...

    async def delivered(self, outbox_id: int, at: datetime, /) -> None:
        """A platform has taken that message: all that it brings is delivered."""
        ...

    async def in_doubt(self, outbox_id: int, /) -> None:
        """A platform may have taken that message, without a word: others keep away from it as if it had."""
        ...

    async def undelivered(self, outbox_id: int, /) -> None:
        """A platform refuses that message: its senders see that it cannot be delivered."""
        ...

    async def end_call(self, call: int, at: datetime, /) -> list[Advice]:
        """A call is over: what was not delivered is withdrawn; those pieces."""
        ...

    async def second(self, advice: int, agent: int, at: datetime, /) -> None:
        """Another supervisor is told, by a message, that a piece stays unread."""
        ...

    async def say_receipts(self, advice: Advice, /) -> None:
        """Show its sender what became of it: one message for each call and sender, drawn anew where it stands."""
        ...

    async def counts(self, rules: Collection[int], /) -> Mapping[int, Counts]:
        """How often the advice of these rules was said, used and helped."""
        ...

    async def said(self, calls: Collection[int], /) -> Mapping[int, Mapping[int, datetime]]:
        """Which rules spoke in these calls, and when: by call, then by rule."""
        ...

    async def undisturbed_until(self, agent: int, /) -> datetime | None:
        """Until when somebody wants no advice, also on a call."""
        ...

    async def leave_alone(self, agent: int, until: datetime | None, /) -> None:
        """Somebody wants no advice until then; None: they do again."""
        ...
