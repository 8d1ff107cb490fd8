"""A team whose nudges come when the test ticks: a store, time that passes as it wants, a chat, and a desk."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.delivery import Delivery
from bot.domain import care
from bot.domain.agent import Agent, Role
from bot.domain.events import Act
from bot.domain.inquiry import Change, Inquiry
from bot.nudges import Nudges
from bot.ports import Opening, Place, StoreDown, Transaction
from bot.translator import Translator
from storage.database import Database
from storage.tables import nudge
from tests.builders import a_message, a_queue, an_agent, stored_mails
from tests.fakes.chat import FakeChat, Posted
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.virtual_time import VirtualTime

HERE = Place("slack", "C1")
LAID_DOWN = """
calendars:
  office:
    time_zone: Asia/Tokyo
    week:
      mon-fri: 09:00-18:00
policies:
  - name: urgent
    calendar: office
    tags: [fire]
    urgent: yes
    first_response: 2h
    warn: [50]
    overdue: [1h]
  - name: standard
    calendar: office
    first_response: 2h
    next_response: 2h
    warn: [50]
    overdue: [1h, 2h]
    tell: Boss
    untouched: 4h
    hand_back: 1h
    remind_after: 3
    offer_closing: 7
"""
"""It is ten in the morning in Tokyo when the tests begin: an answer is due at noon, and the team leaves at six."""


@dataclass
class Office:
    """Hana and Ken are agents, Boss one too, Emma is their supervisor; their channel is C1."""

    time: VirtualTime
    database: Database
    chat: FakeChat
    platform: FakeChatPlatform
    people: dict[str, Agent] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    async def lay_down(self, text: str = LAID_DOWN) -> None:
        async with self.database.transaction() as tx:
            current = await tx.levels.current()
            await tx.levels.keep(text, current.version if current else 0, None, self.time(), "")

    async def tick(self, hours: float = 0, database: Database | None = None) -> int:
        """So much later a process that has just started looks at what is due; how many nudges it told."""
        self.time.forward(timedelta(hours=hours))
        return await Nudges(database or self.database, self.counts).tick()

    async def goes_on(self, hours: float = 0) -> list[tuple[str, str]]:
        """The same, and what is delivered then: where, and the title of each new message of nudges."""
        before = len(self.nudges())
        await self.tick(hours)
        await self.deliver()
        return [(one.channel, one.card["title"]) for one in self.nudges()[before:]]

    async def deliver(self, by: type[Delivery] = OneByOne) -> None:
        platforms: dict[str, Any] = {"slack": self.platform}
        await by(self.database, platforms, Translator(), self.time, Counts(), rests=(0.01,)).empty()

    def nudges(self, channel: str = "") -> list[Posted]:
        """The messages of nudges, as they stand now."""
        return [one for one in self.chat.standing(channel) if one.key.startswith("nudge")]

    async def opens(self, count: int = 1) -> list[int]:
        """So many customers write now."""
        mails = await stored_mails(self.database, count)
        openings = [Opening("support", a_message(), self.time(), mail) for mail in mails]
        async with self.database.transaction() as tx:
            return [one.number for one in await tx.inquiries.open(openings)]

    async def does(self, number: int, what: Callable[[Inquiry, Act], Change], who: str | None = "Hana") -> Inquiry:
        """Somebody does something with an inquiry now."""
        act = Act(self.time(), "slack", self.people[who] if who else None)
        async with self.database.transaction() as tx:
            inquiry = await tx.inquiries.get(number)
            assert inquiry
            change = what(inquiry, act)
            await tx.inquiries.save(change)
        return change.after

    async def inquiry(self, number: int) -> Inquiry:
        async with self.database.snapshot() as tx:
            found = await tx.inquiries.get(number)
        assert found
        return found

    async def noted(self, number: int) -> dict[str, str]:
        """What became of each nudge of an inquiry, by its key."""
        async with self.database.snapshot() as tx:
            query = sa.select(nudge.c.key, nudge.c.outcome).where(nudge.c.number == number).order_by(nudge.c.key)
            return {row.key: row.outcome for row in await tx.session.run(query)}


class DyingStore:
    """A store that is there for so many transactions more, as for a process that dies then: before the next one, or
    (`late`) at its end, before it is committed.
    """

    def __init__(self, database: Database, allowed: int, late: bool = False) -> None:
        self._database = database
        self._allowed = allowed
        self._late = late

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self._allowed -= 1
        async with self._database.transaction() as tx:
            if self._allowed >= 0 or self._late:
                yield tx
            if self._allowed < 0:
                raise StoreDown("the process died")

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        async with self._database.snapshot() as tx:
            yield tx


def claim(inquiry: Inquiry, act: Act) -> Change:
    return inquiry.claim(act)


def snoozed(until: datetime) -> Callable[[Inquiry, Act], Change]:
    return lambda inquiry, act: care.snooze(inquiry, until, act)


@asynccontextmanager
async def an_office(url: str) -> AsyncIterator[Office]:
    """An office at ten in the morning, with service levels."""
    time, chat = VirtualTime(url), FakeChat()
    await chat.open()
    database, platform = time.database(), FakeChatPlatform(chat.port, "slack")
    try:
        office = Office(time, database, chat, platform)
        await a_queue(database, "support", HERE)
        for name in ("Hana", "Ken", "Boss", "Emma"):
            role = Role.SUPERVISOR if name == "Emma" else Role.AGENT
            office.people[name] = await an_agent(database, name, role, "slack")
        await office.lay_down()
        yield office
    finally:
        await platform.close()
        await chat.close()
        await database.close()
        time.close()
