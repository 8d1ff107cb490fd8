"""Prepared advice as calls go on: each rule once a call, at its pace, over restarts and among several processes."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot import phone_desk
from bot.domain.advice import AdviceState, Receipt, Token
from bot.domain.agent import Agent, Role
from bot.domain.phone import Began, Caller, Ended, PhoneCall, Voice
from bot.domain.prepared import Counts, PreparedAdvice
from bot.phone_watch import PhoneWatch
from bot.prepared_advice import AT_ONCE, due_now, is_due
from storage.database import Database
from tests.builders import SUPPORT, a_queue, an_act, an_agent
from tests.support.clock import MORNING, Clock
from tests.support.meter import Counts as Meter

MINUTE = timedelta(minutes=1)
CALLER = "+819012345678"


@dataclass
class Phones:
    """People who talk, at a desk with rules."""

    database: Database
    emma: Agent
    hana: Agent

    async def lays_down(self, text: str, **fields: Any) -> PreparedAdvice:
        rule = PreparedAdvice(id=0, **{"name": text, "text": text, "is_on": True, "words": ("parcel",), **fields})
        async with self.database.transaction() as tx:
            return await tx.prepared.keep(rule, 0, self.emma, MORNING)

    async def talks(self, agent: Agent, about: str = "The parcel is late", number: str = CALLER) -> PhoneCall:
        began = Began(MORNING, Voice.HAND, Caller(number))
        async with self.database.transaction() as tx:
            _, call = await phone_desk.begin(tx, agent, began, an_act(agent), "support", about=about)
        return call

    async def looks(self, minutes: float = 0, database: Database | None = None) -> int:
        async with (database or self.database).transaction() as tx:
            return await due_now(tx, at(minutes))

    async def is_due(self, minutes: float = 0) -> bool:
        async with self.database.snapshot() as tx:
            return await is_due(tx, at(minutes))

    async def told(self, call: PhoneCall) -> list[str]:
        async with self.database.snapshot() as tx:
            return [one.text for one in await tx.advice.of_call(call.id)]


def at(minutes: float) -> datetime:
    return MORNING + minutes * MINUTE


@pytest.fixture
async def phones(database: Database) -> Phones:
    await a_queue(database, "support", SUPPORT)
    return Phones(database, await an_agent(database, "Emma", Role.SUPERVISOR), await an_agent(database))


async def test_it_is_said_once_a_call_and_again_in_the_next(phones: Phones) -> None:
    await phones.lays_down("Offer a new one.")
    call = await phones.talks(phones.hana)
    assert await phones.is_due()
    assert [await phones.looks(one) for one in (0, 1, 30)] == [1, 0, 0]
    assert not await phones.is_due(30)
    async with phones.database.snapshot() as tx:
        [one] = await tx.advice.of_call(call.id)
    assert (one.text, one.to, one.sender, one.at) == ("Offer a new one.", phones.hana, None, MORNING)
    ken = await an_agent(phones.database, "Ken")
    other = await phones.talks(ken, number="+819087654321")
    assert await phones.looks() == 1
    assert await phones.told(other) == ["Offer a new one."]


async def test_what_is_off_or_does_not_apply_is_never_said(phones: Phones) -> None:
    await phones.lays_down("Off", is_on=False)
    await phones.lays_down("Another word", words=("refund",))
    await phones.lays_down("Care", words=(), caution=True)
    await phones.lays_down("Without a condition", words=())
    call = await phones.talks(phones.hana)
    assert not await phones.is_due(60)
    assert await phones.looks(60) == 0
    assert await phones.told(call) == []


async def test_what_becomes_known_later_is_said_then(phones: Phones) -> None:
    await phones.lays_down("Stay calm.", words=(), caution=True)
    call = await phones.talks(phones.hana)
    assert await phones.looks() == 0
    async with phones.database.transaction() as tx:
        assert call.caller.customer is not None
        await tx.customers.caution(call.caller.customer, "Shouts", an_act(phones.emma))
    assert await phones.looks(1) == 1


async def test_several_keep_their_pace(phones: Phones) -> None:
    await phones.lays_down("At once")
    await phones.lays_down("After five", longer_than=5 * MINUTE, words=())
    await phones.lays_down("At once too")
    call = await phones.talks(phones.hana)
    assert [await phones.looks(one) for one in (0, 0.5, 1, 4.9, 5, 9)] == [1, 0, 1, 0, 1, 0]
    assert await phones.told(call) == ["At once", "At once too", "After five"]


async def test_when_the_call_is_over_nothing_is_said(phones: Phones) -> None:
    await phones.lays_down("After five", longer_than=5 * MINUTE)
    call = await phones.talks(phones.hana)
    async with phones.database.transaction() as tx:
        await phone_desk.end(tx, call, Ended(at(4), Voice.HAND), an_act(phones.hana))
    assert not await phones.is_due(6)
    assert await phones.looks(6) == 0


async def test_an_edited_rule_does_not_speak_twice_and_one_that_is_turned_off_not_at_all(phones: Phones) -> None:
    spoken, later = await phones.lays_down("Once"), await phones.lays_down("Later", longer_than=5 * MINUTE)
    call = await phones.talks(phones.hana)
    await phones.looks()
    async with phones.database.transaction() as tx:
        await tx.prepared.keep(replace(spoken, text="Twice"), 1, phones.emma, MORNING)
        await tx.prepared.keep(replace(later, is_on=False), 1, phones.emma, MORNING)
    assert await phones.looks(10) == 0
    assert await phones.told(call) == ["Once"]


async def test_after_a_restart_it_is_not_said_again(phones: Phones, database_url: str, clock: Clock) -> None:
    await phones.lays_down("Once")
    call = await phones.talks(phones.hana)
    await phones.looks()
    async with Restarted(database_url, clock) as again:
        assert await phones.looks(1, again) == 0
        watch = PhoneWatch(again, Meter())
        await watch.tick()
    assert await phones.told(call) == ["Once"]


async def test_two_processes_at_once_say_each_once_in_each_call(
    phones: Phones, database_url: str, clock: Clock
) -> None:
    await phones.lays_down("Once")
    team = [await an_agent(phones.database, f"Agent {one}") for one in range(4)]
    calls = [await phones.talks(one, number=f"+8190000000{place:02}") for place, one in enumerate(team)]
    async with Restarted(database_url, clock) as other:
        said = await asyncio.gather(*(phones.looks(0, one) for one in (phones.database, other) * 3))
    assert sum(said) == len(calls)
    assert [await phones.told(one) for one in calls] == [["Once"]] * len(calls)


async def test_the_watch_says_it(phones: Phones) -> None:
    await phones.lays_down("Once")
    async with phones.database.snapshot() as tx:
        now = await tx.session.read_clock()
    began = Began(now, Voice.HAND, Caller(CALLER))
    async with phones.database.transaction() as tx:
        act = replace(an_act(phones.hana), at=now)
        _, call = await phone_desk.begin(tx, phones.hana, began, act, "support", about="parcel")
    await PhoneWatch(phones.database, Meter()).tick()
    assert await phones.told(call) == ["Once"]


async def test_how_often_it_was_said_used_and_helpful_is_counted(phones: Phones) -> None:
    rule = await phones.lays_down("Once")
    for user, token in (("A", Token.HELPED), ("B", Token.USED), ("C", Token.NOT_NOW)):
        call = await phones.talks(await an_agent(phones.database, user), number=f"+8190000000{ord(user)}")
        await phones.looks()
        async with phones.database.transaction() as tx:
            [one] = await tx.advice.of_call(call.id)
            assert one.state is AdviceState.QUEUED
            await tx.advice.tell(one.id, Receipt(Token.DELIVERED, MORNING))
            await tx.advice.tell(one.id, Receipt(token, at(1)))
    async with phones.database.snapshot() as tx:
        assert await tx.advice.counts([rule.id]) == {rule.id: Counts(said=3, used=2, helped=1)}


async def test_many_calls_are_spoken_in_by_and_by(phones: Phones) -> None:
    """A rule is turned on while everybody talks: whoever is whispered to meanwhile waits for a few of them at most."""
    await phones.lays_down("Offer a new one.")
    calls = []
    for place in range(AT_ONCE + 2):
        person = await an_agent(phones.database, f"Agent {place}")
        calls.append(await phones.talks(person, number=f"+8190000000{place:02}"))
    assert [await phones.looks() for _ in range(3)] == [AT_ONCE, 2, 0]
    assert [await phones.told(call) for call in calls] == [["Offer a new one."]] * len(calls)


async def test_to_find_nothing_takes_as_many_statements_with_many_calls_as_with_one(phones: Phones) -> None:
    assert await statements(phones.database) == 1, "no rule is on"
    await phones.lays_down("Never", words=("unheard",))
    took = []
    for place in range(3):
        person = await an_agent(phones.database, f"Agent {place}")
        await phones.talks(person, number=f"+8190000000{place:02}")
        took.append(await statements(phones.database))
    assert len({*took}) == 1
    assert took[0] < 10


async def statements(database: Database) -> int:
    """How many it takes to find that nothing is due."""
    seen: list[str] = []

    def see(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        seen.append(statement)

    async with database.snapshot() as tx:
        connection = tx.session.connection.sync_connection
        sa.event.listen(connection, "before_cursor_execute", see)
        assert not await is_due(tx, at(60))
        sa.event.remove(connection, "before_cursor_execute", see)
    return len(seen)


class Restarted:
    """Another process's view of the same database."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._database = Database(url, clock)

    async def __aenter__(self) -> Database:
        return self._database

    async def __aexit__(self, *_error: object) -> None:
        await self._database.close()
