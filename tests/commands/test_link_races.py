"""Codes that are typed at the same moment, at several processes on one database: one is joined, and nobody is lost."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa

from adapters.operations.metrics import Metrics
from bot.domain.agent import Agent, Role
from bot.ports import Handle
from bot.translator import LANGUAGES
from storage.agents import AgentTable
from storage.database import Database
from storage.tables import link
from storage.unit import Unit
from tests.commands.linking import HANA, KEN, KEN_THERE, code_of, held, joins, known, redeemed
from tests.commands.window import Window, enrolled
from tests.storage.racers import THINKING, SlowStore, SlowUnit
from tests.support.clock import Clock
from tests.support.texts import says

AT_ONCE = 4


class SlowAgents(AgentTable):
    """Leaves time between taking a code and joining, as a busy machine does."""

    async def join(self, kept: Agent, handle_: Handle, other: Agent | None) -> Agent:
        await asyncio.sleep(THINKING)
        return await super().join(kept, handle_, other)


class ReadingAgents(SlowAgents):
    """The negative control: reads whose code it is, and takes it away a moment later."""

    async def take_link(self, code: str, now: datetime) -> Agent | None:
        found = (await self._session.run(sa.select(link.c.agent_id))).scalars().one_or_none()
        await asyncio.sleep(THINKING)
        await self._session.run(sa.delete(link))
        return next((one for one in await self.all() if one.id == found), None)


class SlowLinks(SlowUnit):
    """A unit of work whose agents take their time."""

    people: type[AgentTable] = SlowAgents

    @cached_property
    def agents(self) -> AgentTable:
        return self.people(self.session)


class NaiveLinks(SlowLinks):
    people = ReadingAgents


class Replica(SlowStore):
    """One of several processes on one database."""

    unit: type[Unit] = SlowLinks


class NaiveReplica(Replica):
    unit = NaiveLinks


async def at_once(url: str, clock: Clock, asked: Sequence[tuple[Handle, str]], store: type[Replica]) -> list[str]:
    """What each is told when all type their codes together, each at a process of their own."""
    stores = [store(url, clock) for _ in asked]
    try:
        desks = [Window(one, clock, Metrics()) for one in stores]
        return await asyncio.gather(
            *(redeemed(desk, code, who) for desk, (who, code) in zip(desks, asked, strict=True))
        )
    finally:
        for one in stores:
            await one.close()


def rivals(code: str) -> list[tuple[Handle, str]]:
    return [(Handle("discord", str(number)), code) for number in range(AT_ONCE)]


def winners(told: Sequence[str]) -> int:
    return sum(any(says(one, language, "link.done") for language in LANGUAGES) for one in told)


async def test_of_those_who_type_a_code_at_the_same_moment_one_is_joined(
    window: Window, database: Database, clock: Clock
) -> None:
    told = await at_once(database.url, clock, rivals(await code_of(window)), Replica)
    assert winners(told) == 1
    assert sum(says(one, "en", "link.unknown") for one in told) == AT_ONCE - 1
    async with database.snapshot() as tx:
        assert len(await tx.agents.handles((await known(database, KEN)).id)) == 2


async def test_a_code_that_is_read_before_it_is_taken_away_joins_several(on_postgresql: Database, clock: Clock) -> None:
    """The negative control of the test above; SQLite lets one write after the other in any case."""
    await enrolled(on_postgresql)
    window = Window(on_postgresql, clock, Metrics())
    told = await at_once(on_postgresql.url, clock, rivals(await code_of(window)), NaiveReplica)
    assert winners(told) > 1


async def test_two_who_join_each_other_at_the_same_moment_are_one_and_not_two_who_changed_places(
    window: Window, database: Database, clock: Clock
) -> None:
    other = await joins(database, KEN_THERE, Role.SUPERVISOR)
    await held(database, await known(database, KEN), 1)
    await held(database, other, 1)
    crossed = [(KEN_THERE, await code_of(window, KEN)), (KEN, await code_of(window, KEN_THERE))]
    assert winners(await at_once(database.url, clock, crossed, Replica)) == 1
    one = await known(database, KEN)
    assert await known(database, KEN_THERE) == one
    assert one.role is Role.SUPERVISOR
    async with database.snapshot() as tx:
        assert len(await tx.inquiries.held_by(one.id)) == 2
        assert {each.id for each in await tx.agents.all()} & {one.id, other.id} == {one.id}


async def test_two_codes_typed_by_one_stranger_at_the_same_moment_leave_no_one_behind(
    window: Window, database: Database, clock: Clock
) -> None:
    codes = [(KEN_THERE, await code_of(window, KEN)), (KEN_THERE, await code_of(window, HANA))]
    assert winners(await at_once(database.url, clock, codes, Replica)) == 2
    assert await known(database, KEN) == await known(database, HANA) == await known(database, KEN_THERE)


async def test_two_codes_asked_for_at_the_same_moment_are_one_good_code(
    window: Window, database: Database, clock: Clock
) -> None:
    stores = [Replica(database.url, clock) for _ in range(2)]
    codes = await asyncio.gather(*(code_of(Window(one, clock, Metrics())) for one in stores))
    for one in stores:
        await one.close()
    told = [await redeemed(window, code, Handle("discord", str(at))) for at, code in enumerate(codes)]
    assert winners(told) == 1
