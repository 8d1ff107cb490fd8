"""After a day of downtime with 5,000 due: one message a place that lists them, and never a storm."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from bot.delivery import Delivery
from bot.domain.agent import Agent, Role
from bot.domain.levels import Calendar, Level, Levels
from bot.domain.policy import Policy, Target
from bot.level_file import written
from bot.nudges import PACE, Nudges
from bot.ports import Opening, Place
from bot.translator import Translator
from storage.database import Database
from storage.saying import DONE
from storage.tables import inquiry, nudge, outbox, telling
from tests.builders import a_message, a_queue, an_agent, stored_mails
from tests.fakes.chat import FakeChat
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.clock import MORNING, Clock
from tests.support.meter import Counts

DUE, HELD = 5_000, 1_000
"""Inquiries that fall due during the downtime, and how many of them somebody has."""
STEADY = 90
"""Inquiries that come up one by one after it, a second apart."""
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
PLACES = (Place("fake", "C1"), Place("fake", "C2"))
LEVELS = Levels(
    {"always": Calendar("always", "UTC", {0: ((time(9), time(18)),)})},
    (Level(policy=Policy("urgent", {Target.FIRST_RESPONSE: HOUR}, (50, 80), (HOUR,), urgent=True), calendar="always"),),
)


@dataclass
class Desk:
    """A store, an engine and a delivery to a platform; `posted` holds the virtual times of messages in each channel."""

    database: Database
    clock: Clock
    chat: FakeChat
    delivery: Delivery
    hana: Agent
    posted: dict[str, list[datetime]] = field(default_factory=dict)

    async def opens(self, count: int, at: datetime, apart: timedelta = timedelta()) -> list[int]:
        """Inquiries of which the team is to be reminded; their cards are in the channels already."""
        mails = await stored_mails(self.database, count)
        openings = [
            Opening("support", a_message(from_address=f"c{number % 50}@example.com"), at + number * apart, mail)
            for number, mail in enumerate(mails)
        ]
        async with self.database.transaction() as tx:
            made = await tx.inquiries.open(openings)
            await tx.session.run(sa.update(outbox).values(state=DONE))
        return [one.number for one in made]

    async def runs(self, engine: Nudges, seconds: int) -> None:
        """The engine looks every two seconds, and what it puts in is delivered."""
        for _ in range(0, seconds, 2):
            before = len(self.chat.messages)
            await engine.tick()
            await self.delivery.empty()
            for one in self.chat.messages[before:]:
                self.posted.setdefault(one.channel, []).append(self.clock())
            self.clock.forward(2 * SECOND)

    @property
    def too_close(self) -> list[datetime]:
        """Messages that followed another one in the same place too soon."""
        return [after for times in self.posted.values() for before, after in pairwise(times) if after - before < PACE]


@pytest.fixture
async def desk(on_sqlite: Database, clock: Clock) -> AsyncIterator[Desk]:
    await a_queue(on_sqlite, "support", *PLACES)
    hana = await an_agent(on_sqlite, "Hana", platform="fake")
    await an_agent(on_sqlite, "Emma", Role.SUPERVISOR, platform="fake")
    async with on_sqlite.transaction() as tx:
        await tx.levels.keep(written(LEVELS), 0, None, MORNING, "")
    chat = FakeChat()
    await chat.open()
    async with FakeChatPlatform(chat.port, timeout=20.0) as platform:
        delivery = Delivery(on_sqlite, {"fake": platform}, Translator(), clock, Counts())
        yield Desk(on_sqlite, clock, chat, delivery, hana)
    await chat.close()


async def test_a_day_of_downtime_is_followed_by_one_list_a_place(desk: Desk) -> None:
    numbers = await desk.opens(DUE, MORNING)
    async with desk.database.transaction() as tx:
        held = inquiry.c.number.in_(numbers[:HELD])
        await tx.session.run(sa.update(inquiry).where(held).values(holder_id=desk.hana.id, status="open"))
    await Nudges(desk.database, Counts()).tick()
    assert desk.chat.messages == []

    desk.clock.forward(timedelta(hours=24))
    await desk.runs(Nudges(desk.database, Counts()), 60)

    unclaimed = DUE - HELD
    told = {one.channel: one for one in desk.chat.standing()}
    assert set(told) == {"C1", "C2", "@hana", "@emma"}
    assert len(desk.chat.messages) == len(told), "one message a place"
    for channel, count in (("C1", unclaimed), ("C2", unclaimed), ("@hana", HELD), ("@emma", DUE)):
        card = told[channel].card
        assert f"{count:,}" in str(card["title"]), card["title"]
        shown = len(card["items"])
        assert f"{count - shown:,} more" in str(card["footer"])
        assert "was due" in str(card["items"][0])
    async with desk.database.snapshot() as tx:
        counted = sa.select(nudge.c.outcome, sa.func.count().label("n")).group_by(nudge.c.outcome)
        outcomes = {row.outcome: row.n for row in await tx.session.run(counted)}
        unbound = sa.select(sa.func.count()).where(telling.c.outbox_id.is_(None))
        assert (await tx.session.run(unbound)).scalar_one() == 0
    assert outcomes == {"told": DUE, "over": 3 * DUE}


async def test_what_comes_up_one_by_one_is_told_every_ten_seconds_at_most(desk: Desk) -> None:
    await desk.opens(STEADY, MORNING, SECOND)
    desk.clock.forward(HOUR)
    await desk.runs(Nudges(desk.database, Counts()), STEADY + 30)
    assert desk.too_close == []
    assert 5 <= len(desk.posted["C1"]) <= (STEADY + 30) / PACE.total_seconds() + 1


async def test_an_engine_without_a_pace_is_found_out(desk: Desk) -> None:
    """The negative control."""
    await desk.opens(STEADY, MORNING, SECOND)
    desk.clock.forward(HOUR)
    await desk.runs(Nudges(desk.database, Counts(), pace=timedelta()), 40)
    assert desk.too_close
