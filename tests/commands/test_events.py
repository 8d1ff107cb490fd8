"""Events that a platform tells twice have one effect; one that had none may come again."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from adapters.operations.metrics import Metrics
from bot.call import Call
from bot.chat.card import Card, Form
from bot.chat.command import Command
from bot.chat.invocation import Answer, Invocation
from bot.domain.agent import Role
from bot.domain.errors import Conflict
from bot.ports import Handle
from storage.database import Database
from tests.builders import opened
from tests.commands.window import STRANGER, Window, happened, said
from tests.storage.racers import SlowStore
from tests.support.clock import Clock
from tests.support.texts import says

RECORD = "/new Ito Where is my parcel?"
AT_ONCE = 4


class BrokenOffError(Exception):
    """A transaction that ends before its time."""


async def inquiries(database: Database) -> int:
    """How many there are."""
    async with database.snapshot() as tx:
        return (await tx.inquiries.waiting(None, 0, 1))[1]


async def test_an_event_told_twice_has_one_effect_and_the_second_call_says_nothing(
    window: Window, database: Database
) -> None:
    assert says(said_by(await window.tells("ken", RECORD, "Ev1")), "en", "new.done", queue="support")
    assert await window.tells("ken", RECORD, "Ev1") is None
    assert await inquiries(database) == 1


@pytest.mark.parametrize("events", [("", ""), ("Ev1", "Ev2")], ids=["without an id", "of ids of their own"])
async def test_what_is_not_the_same_event_has_an_effect_each_time(
    window: Window, database: Database, events: tuple[str, str]
) -> None:
    """The negative control: it is the event that counts, not what was typed."""
    for event in events:
        assert await window.tells("ken", RECORD, event) is not None
    assert await inquiries(database) == 2


async def test_another_platforms_event_of_that_name_is_another(window: Window, database: Database) -> None:
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("slack", "ken"), "Ken", Role.AGENT, "en", "UTC")
    for platform in ("workspace", "slack", "slack"):
        asked = Invocation(platform, "ken", "new", "ken", text="Ito Hello", event="Ev1")
        await window.call(asked)
    assert await inquiries(database) == 2


@pytest.mark.parametrize(("event", "effects"), [("Ev1", 1), ("", AT_ONCE)], ids=["one event", "none: the control"])
async def test_an_event_told_at_the_same_moment_to_several_processes_has_one_effect(
    window: Window, database: Database, database_url: str, clock: Clock, event: str, effects: int
) -> None:
    stores = [SlowStore(database_url, clock) for _ in range(AT_ONCE)]
    try:
        desks = [Window(store, clock, Metrics()) for store in stores]
        answers = await asyncio.gather(*(desk.tells("ken", RECORD, event) for desk in desks))
    finally:
        for store in stores:
            await store.close()
    assert len([one for one in answers if one is not None]) == effects
    assert await inquiries(database) == effects


async def test_a_refused_call_does_not_use_its_event_up(window: Window, database: Database) -> None:
    await opened(database)
    await window.types("hana", "/claim 1001")
    assert says(said_by(await window.tells("ken", "/claim 1001", "Ev1")), "en", "claim.held", inquiry=1001)
    await window.types("hana", "/release 1001")
    assert says(said_by(await window.tells("ken", "/claim 1001", "Ev1")), "en", "claim.done", inquiry=1001)
    assert await window.tells("ken", "/claim 1001", "Ev1") is None


async def test_a_stranger_who_is_turned_away_may_come_again(window: Window, database: Database) -> None:
    await opened(database)
    assert says(said_by(await window.tells(STRANGER, "/claim 1001", "Ev1")), "en", "refused.stranger")
    await window.types("emma", f"/agent @{STRANGER} agent")
    assert says(said_by(await window.tells(STRANGER, "/claim 1001", "Ev1")), "en", "claim.done", inquiry=1001)


async def test_a_form_does_not_use_its_event_up(window: Window, database: Database) -> None:
    await opened(database)
    for _ in range(2):
        assert isinstance(await window.tells("ken", "/resolve 1001", "Ev1"), Form)
    assert await happened(database, 1001) == ["opened"]
    assert says(said_by(await window.tells("ken", "/resolve 1001 done", "Ev1")), "en", "resolve.done", inquiry=1001)
    assert await window.tells("ken", "/resolve 1001 done", "Ev1") is None


async def test_neither_a_bug_nor_a_lost_race_uses_an_event_up(window: Window, database: Database) -> None:
    errors: list[Exception] = [ValueError("a bug"), Conflict("a race"), Conflict("another")]

    async def fails_at_first(call: Call) -> Answer:
        if errors:
            raise errors.pop(0)
        return Card("done")

    desk = window.with_commands(Command("try", fails_at_first))
    assert says(said_by(await desk.tells("ken", "/try", "Ev1")), "en", "refused.bug")
    assert said_by(await desk.tells("ken", "/try", "Ev1")) == "done"
    assert await desk.tells("ken", "/try", "Ev1") is None


async def test_what_changes_nothing_is_answered_each_time(window: Window, database: Database) -> None:
    for _ in range(2):
        assert says(said_by(await window.tells("ken", "/queue", "Ev1")), "en", "queue.empty")


async def test_events_are_forgotten_after_their_time(window: Window, database: Database, clock: Clock) -> None:
    await window.tells("ken", RECORD, "Ev1")
    noted = clock() if database.is_sqlite else datetime.now(UTC)  # PostgreSQL goes by its own clock
    for before, count in [(noted - timedelta(minutes=1), 0), (noted + timedelta(minutes=1), 1)]:
        async with database.transaction() as tx:
            assert await tx.arrivals.forget(before) == count
        told_again = await window.tells("ken", RECORD, "Ev1")
        assert (told_again is None) == (count == 0)
    assert await inquiries(database) == 2


async def test_an_event_is_noted_with_its_effect_or_not_at_all(database: Database) -> None:
    with suppress(BrokenOffError):
        async with database.transaction() as tx:
            assert await tx.arrivals.first("slack", "Ev1")
            assert not await tx.arrivals.first("slack", "Ev1")
            raise BrokenOffError
    async with database.transaction() as tx:
        assert await tx.arrivals.first("slack", "Ev1")


def said_by(answer: Answer | None) -> str:
    """The sentence of an answer that there must be."""
    assert answer is not None
    return said(answer)
