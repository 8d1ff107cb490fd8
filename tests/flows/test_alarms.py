"""Alarms: supervisors are told when a place refuses what is sent there; once a day, and by another way if any."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.chat.invocation import Invocation
from bot.delivery import Delivery
from bot.dispatch import Dispatch
from bot.domain.agent import Agent, Role
from bot.notices import NoticeKind
from bot.ports import Parked, Place, Sending
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from storage.tables import handle
from tests.builders import a_message, a_queue, an_agent, opened
from tests.fakes.chat import FakeChat, Faults, Posted
from tests.fakes.chat_platform import FakeChatPlatform
from tests.storage.taking import write_again
from tests.support.clock import Clock
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.texts import says

HERE = Place("slack", "C1")
REASON = "channel_is_archived"
"""What the fake chat says when a channel takes nothing."""


@dataclass
class Office:
    """A store, two platforms, and a delivery that works when it is asked to."""

    database: Database
    clock: Clock
    chats: dict[str, FakeChat] = field(default_factory=dict)
    platforms: dict[str, FakeChatPlatform] = field(default_factory=dict)

    async def deliver(self, *refused: str, by: type[Delivery] = OneByOne) -> None:
        """Send all that is due, while Slack takes nothing in these channels."""
        self.chats["slack"].set_faults(Faults(refused=list(refused)))
        await by(self.database, self.platforms, Translator(), self.clock, Counts(), rests=(0.01,)).empty()

    def told(self, platform: str = "slack") -> list[Posted]:
        """The direct messages that came through there."""
        return [one for one in self.chats[platform].messages if one.channel.startswith("@")]

    async def refused(self) -> list[Parked]:
        async with self.database.snapshot() as tx:
            return await tx.outbox.parked(100)


@pytest.fixture
async def office(database: Database, clock: Clock) -> AsyncIterator[Office]:
    """Emma supervises and Hana does not, both on Slack; the queue shows in C1 and C2."""
    await a_queue(database, "support", HERE, Place("slack", "C2"))
    await an_agent(database, "Hana", Role.AGENT, "slack")
    office = Office(database, clock)
    async with AsyncExitStack() as closing:
        for name in ("slack", "line"):
            chat = office.chats[name] = FakeChat()
            await chat.open()
            closing.push_async_callback(chat.close)
            platform = office.platforms[name] = FakeChatPlatform(chat.port, name)
            closing.push_async_callback(platform.close)
        yield office


@pytest.fixture
async def emma(database: Database, office: Office) -> Agent:
    return await an_agent(database, "Emma", Role.SUPERVISOR, "slack")


async def also_known_as(database: Database, agent: Agent, platform: str, user: str) -> None:
    """The same person on one more platform."""
    async with database.transaction() as tx:
        await tx.session.run(sa.insert(handle).values(platform=platform, user=user, agent_id=agent.id))


async def test_every_supervisor_is_told_once_for_a_place_however_much_is_refused_there(
    office: Office, emma: Agent, database: Database
) -> None:
    await an_agent(database, "Mia", Role.SUPERVISOR, "slack")
    await opened(database, a_message(), a_message(), a_message())
    await office.deliver("C1")
    assert sorted(one.channel for one in office.told()) == ["@emma", "@mia"]
    assert len(office.chats["slack"].messages) == 2 + 3, "the cards in the other channel came through"
    await opened(database)
    await office.deliver("C1")
    assert len(office.told()) == 2
    assert len(await office.refused()) == 4


async def test_the_card_says_where_why_and_how_much_and_how_to_go_on(
    office: Office, emma: Agent, database: Database
) -> None:
    await opened(database, a_message(), a_message())
    await office.deliver("C1")
    (alarm,) = office.told()
    card = alarm.card
    assert says(card["title"], "en", "alarm.title", place="slack:C1")
    why, kept = (_words(line) for line in card["lines"])
    assert why == REASON
    assert says(kept, "en", "alarm.kept", count=2)
    assert [one["call"] for one in card["buttons"]] == ["retry"]
    assert card["tone"] == "alert"


async def test_the_reason_is_the_first_one_and_not_what_follows_from_it(
    office: Office, emma: Agent, database: Database
) -> None:
    """A letter has no card to stand under where the card was refused: nobody can mend that."""
    (one,) = await opened(database)
    await office.deliver("C1", "@emma")
    await write_again(database, one)
    await office.deliver("C1", "@emma")
    assert len({each.reason for each in await office.refused() if each.place == HERE}) == 2
    async with database.transaction() as tx:
        await tx.outbox.retry_refused(Place("slack", "@emma"))
    await office.deliver("C1")
    (alarm,) = office.told()
    assert _words(alarm.card["lines"][0]) == REASON
    assert says(_words(alarm.card["lines"][1]), "en", "alarm.kept", count=2)


async def test_the_reader_is_told_in_their_language(office: Office, emma: Agent, database: Database) -> None:
    async with database.transaction() as tx:
        await tx.agents.speak(emma.id, "ja")
    await opened(database)
    await office.deliver("C1")
    (alarm,) = office.told()
    assert says(alarm.card["title"], "ja", "alarm.title", place="slack:C1")
    assert says(alarm.card["buttons"][0]["label"], "ja", "button.retry")


async def test_another_place_and_another_day_are_told_anew(
    office: Office, emma: Agent, database: Database, clock: Clock
) -> None:
    await opened(database)
    await office.deliver("C1", "C2")
    assert sorted(one.card["title"].split()[2] for one in office.told()) == ["slack:C1", "slack:C2"]
    clock.forward(timedelta(days=1))
    await opened(database)
    await office.deliver("C1")
    assert [one.card["title"].split()[2] for one in office.told()[2:]] == ["slack:C1"]


async def test_whoever_is_on_another_platform_is_told_there(office: Office, emma: Agent, database: Database) -> None:
    await also_known_as(database, emma, "line", "emma-line")
    await opened(database)
    await office.deliver("C1")
    assert [one.channel for one in office.told("line")] == ["@emma-line"]
    assert office.told("slack") == []


async def test_an_alarm_that_is_refused_itself_is_told_to_nobody(
    office: Office, emma: Agent, database: Database
) -> None:
    await opened(database)
    await office.deliver("C1", "@emma")
    assert sorted(one.place.channel for one in await office.refused()) == ["@emma", "C1"]


async def test_the_control_an_alarm_about_an_alarm_would_be_noticed(
    office: Office, emma: Agent, database: Database
) -> None:
    await opened(database)
    await office.deliver("C1", "@emma", by=AlarmsAboutAlarms)
    assert sorted(one.place.channel for one in await office.refused()) == ["@emma", "@emma", "C1"]


async def test_a_refused_whisper_is_told_too(office: Office, emma: Agent, database: Database) -> None:
    (one,) = await opened(database)
    desk = Dispatch(database, COMMANDS, Translator(), office.clock, Counts(), "en", "UTC")
    options = {"inquiry": str(one.number), "person": "Hana"}
    await desk.call(Invocation("slack", "emma", "assign", options=options))
    await office.deliver("@hana")
    (alarm,) = office.told()
    assert says(alarm.card["title"], "en", "alarm.title", place="slack:@hana")


async def test_the_button_sends_everything_again(office: Office, emma: Agent, database: Database) -> None:
    await opened(database, a_message(), a_message())
    await office.deliver("C1")
    desk = Dispatch(database, COMMANDS, Translator(), office.clock, Counts(), "en", "UTC")
    answer = await desk.call(Invocation("slack", "emma", "retry"))
    assert answer is not None
    assert says(answer.title, "en", "retry.done", count=2)
    await office.deliver()
    assert len([one for one in office.chats["slack"].messages if one.channel == "C1"]) == 2
    assert await office.refused() == []
    again = await desk.call(Invocation("slack", "emma", "retry"))
    assert again is not None
    assert says(again.title, "en", "retry.nothing")


async def test_an_alarm_that_comes_late_says_that_it_is_over(office: Office, emma: Agent, database: Database) -> None:
    await opened(database)
    await office.deliver("C1", by=OnlyOnce)
    async with database.transaction() as tx:
        await tx.outbox.retry_refused()
    await office.deliver()
    (alarm,) = office.told()
    assert says(_words(alarm.card["lines"][0]), "en", "alarm.over")
    assert (alarm.card["tone"], alarm.card["buttons"]) == ("done", [])


class AlarmsAboutAlarms(OneByOne):
    """The negative control: says of every notice that it was refused."""

    async def _refuse(self, sending: Sending, reason: str) -> None:
        await super()._refuse(sending, reason)
        if sending.kind is NoticeKind.ALARM:
            async with self._store.transaction() as tx:
                await tx.outbox.alarm(sending)


class OnlyOnce(OneByOne):
    """Goes to each place that is due now, and not to those that are due because of it."""

    async def empty(self) -> None:
        for place in await self._due_places():
            await self._carry(place)


def _words(line: list[Any]) -> str:
    return "".join(part if isinstance(part, str) else str(part) for part in line)
