"""People on the phone whose watch looks when the test ticks: a store, time that passes as it wants, and a chat."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from adapters.operations.metrics import Metrics
from bot import phone_desk
from bot.chat.card import Card
from bot.delivery import Delivery
from bot.domain.advice import Advice, Receipt, Token
from bot.domain.agent import Agent, Role
from bot.domain.events import Act
from bot.domain.phone import Began, Caller, Ended, Outcome, PhoneCall, Voice
from bot.notices import NoticeKind
from bot.phone_watch import PhoneWatch
from bot.ports import Place
from bot.translator import Translator
from bot.whispering import whisper
from storage.database import Database
from storage.tables import outbox
from tests.builders import a_queue, an_agent
from tests.commands.window import Window
from tests.fakes.chat import FakeChat, Posted
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.virtual_time import VirtualTime

LAID_DOWN = 'escalations: {experts: {Customs: "workspace:customs", Law: "Ken"}}'
SUPERVISORS = ("Emma", "Mia", "Rei")
ITO = "+819012345678"


@dataclass
class PhoneOffice:
    """Hana and Ken are agents; Emma, Mia and Rei are supervisors. Ken knows the law, a channel the customs."""

    time: VirtualTime
    database: Database
    chat: FakeChat
    platform: FakeChatPlatform
    people: dict[str, Agent] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    async def tick(self, minutes: float = 0, seconds: float = 0, watch: PhoneWatch | None = None) -> int:
        """So much later a process that has just started, or `watch`, looks at the calls; how much it did."""
        self.time.forward(timedelta(minutes=minutes, seconds=seconds))
        return await (watch or self.watch()).tick()

    def watch(self, store: Any = None) -> PhoneWatch:
        """A process that has just started."""
        return PhoneWatch(store or self.database, self.counts)

    async def begins(self, who: str = "Hana", number: str = ITO, about: str = "The parcel is late") -> PhoneCall:
        told = Began(self.time(), Voice.HAND, Caller(number))
        async with self.database.transaction() as tx:
            _, call = await phone_desk.begin(tx, self.people[who], told, self._act(who), "support", about=about)
        return call

    async def says_still(self, call: PhoneCall) -> None:
        async with self.database.transaction() as tx:
            await phone_desk.still(tx, call, self._act(call.agent.name))

    async def ends(self, call: PhoneCall) -> None:
        told = Ended(self.time(), Voice.HAND, outcome=Outcome.OPEN)
        async with self.database.transaction() as tx:
            await phone_desk.end(tx, call, told, self._act(call.agent.name))

    async def advises(self, call: PhoneCall, sender: str | None = "Emma", text: str = "Offer a new one") -> Advice:
        async with self.database.transaction() as tx:
            by = self.people[sender] if sender else None
            given, _ = await whisper(tx, call.agent, text, self.time(), by, call)
        return given

    async def tells(self, advice: Advice, token: Token) -> None:
        async with self.database.transaction() as tx:
            await tx.advice.tell(advice.id, Receipt(token, self.time()))

    async def types(self, who: str, line: str) -> Card:
        """What somebody hears on a command."""
        answer = await Window(self.database, self.time, Metrics()).types(who.lower(), line)
        assert isinstance(answer, Card), answer
        return answer

    async def goes_away(self, who: str, hours: float = 8) -> None:
        until = self.time() + timedelta(hours=hours)
        async with self.database.transaction() as tx:
            await tx.absences.add(self.people[who].id, self.time(), until)

    async def call(self, id_: int) -> PhoneCall:
        async with self.database.snapshot() as tx:
            found = await tx.phone.get(id_)
        assert found
        return found

    async def said(self, kind: NoticeKind) -> list[tuple[str, int]]:
        """The messages of a kind that were put on their way: where to, and how often they were said."""
        query = sa.select(outbox.c.channel, outbox.c.revision).where(outbox.c.kind == kind).order_by(outbox.c.id)
        async with self.database.snapshot() as tx:
            return [(row.channel, row.revision) for row in await tx.session.run(query)]

    async def delivers(self, by: type[Delivery] = OneByOne) -> None:
        platforms: dict[str, Any] = {"workspace": self.platform}
        await by(self.database, platforms, Translator(), self.time, Counts(), rests=(0.01,)).empty()

    def standing(self, kind: NoticeKind, channel: str = "") -> list[Posted]:
        """The messages of a kind as they stand now."""
        tag = "check" if kind is NoticeKind.CALL_CHECK else kind.value
        return [one for one in self.chat.standing(channel) if one.key.startswith(tag)]

    def _act(self, who: str) -> Act:
        return Act(self.time(), "workspace", self.people[who])


@asynccontextmanager
async def a_phone_office(url: str) -> AsyncIterator[PhoneOffice]:
    """An office at ten in the morning, where nobody is on the phone."""
    time, chat = VirtualTime(url), FakeChat()
    await chat.open()
    database, platform = time.database(), FakeChatPlatform(chat.port, "workspace")
    try:
        office = PhoneOffice(time, database, chat, platform)
        await a_queue(database, "support", Place("workspace", "support"))
        for name in ("Hana", "Ken", *SUPERVISORS):
            role = Role.SUPERVISOR if name in SUPERVISORS else Role.AGENT
            office.people[name] = await an_agent(database, name, role)
        async with database.transaction() as tx:
            await tx.levels.keep(LAID_DOWN, 0, None, time(), "")
        yield office
    finally:
        await platform.close()
        await chat.close()
        await database.close()
        time.close()
