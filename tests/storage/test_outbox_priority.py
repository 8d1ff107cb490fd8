"""Whispers in the outbox: taken before all else, and neither waiting for other notices nor making them wait."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.notices import Notice, NoticeKind
from bot.ports import Place, Sending
from storage.database import Database
from tests.storage.taking import LEASE, due, sent, taken
from tests.storage.test_nudges import explained
from tests.support.ageing import outbox_ages

HANA, KEN = Place("workspace", "@hana"), Place("slack", "@U0KEN")
ADVICE, CALL, HELP = NoticeKind.ADVICE, NoticeKind.CALL, NoticeKind.HELP
SOON = timedelta(seconds=10)


async def say(
    database: Database, kind: NoticeKind, tag: int, number: int = 0, place: Place = HANA, wait: timedelta = timedelta()
) -> int:
    async with database.transaction() as tx:
        return await tx.outbox.say_at(place, Notice(kind, number, tag), f"{kind}{tag}", wait)


async def urgent(database: Database) -> list[Place]:
    async with database.snapshot() as tx:
        return await tx.outbox.urgent()


async def express(database: Database, place: Place = HANA, limit: int = 100) -> list[Sending]:
    """What is taken when whispers alone are wanted."""
    async with database.transaction() as tx:
        return await tx.outbox.take(place, "me", LEASE, limit, urgent=True)


def said(sendings: list[Sending]) -> list[tuple[NoticeKind, int]]:
    return [(one.kind, one.version) for one in sendings]


# --- first ----------------------------------------------------------------------------------------------


async def test_whispers_are_taken_first_and_what_else_waits_in_its_order(database: Database) -> None:
    for tag in (1, 2):
        await say(database, HELP, tag, number=tag)
    for tag in (3, 4):
        await say(database, ADVICE, tag, number=tag)
    assert said(await taken(database, HANA, limit=3)) == [(ADVICE, 3), (ADVICE, 4), (HELP, 1)]


async def test_of_twenty_that_wait_a_whisper_is_the_next(database: Database) -> None:
    for tag in range(20):
        await say(database, HELP, tag, number=tag)
    await say(database, ADVICE, 99)
    assert said(await taken(database, HANA, limit=1)) == [(ADVICE, 99)]


async def test_any_other_kind_takes_its_turn(database: Database) -> None:
    """The control of the test above."""
    for tag in range(20):
        await say(database, HELP, tag, number=tag)
    await say(database, CALL, 99, number=99)
    assert said(await taken(database, HANA, limit=1)) == [(HELP, 0)]


# --- lanes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 7])
async def test_what_waits_about_the_same_inquiry_holds_up_no_whisper(database: Database, number: int) -> None:
    await say(database, CALL, 1, number)
    (call,) = await taken(database, HANA)
    async with database.transaction() as tx:
        await tx.outbox.unclear(call, "me", timedelta(hours=1), call.taken_at, 0)
    await say(database, ADVICE, 2, number)
    await say(database, HELP, 3, number)
    assert said(await taken(database, HANA)) == [(ADVICE, 2)]


@pytest.mark.parametrize("number", [0, 7])
async def test_a_whisper_that_waits_holds_up_nothing(database: Database, number: int) -> None:
    await say(database, ADVICE, 1, number)
    (whisper,) = await taken(database, HANA)
    async with database.transaction() as tx:
        await tx.outbox.unclear(whisper, "me", timedelta(hours=1), whisper.taken_at, 0)
    await say(database, ADVICE, 2, number)
    await say(database, HELP, 3, number)
    assert said(await taken(database, HANA)) == [(ADVICE, 2), (HELP, 3)]


async def test_other_notices_still_keep_their_order(database: Database) -> None:
    await say(database, CALL, 1, number=7)
    await say(database, ADVICE, 2, number=7)
    await say(database, HELP, 3, number=7)
    whisper, call = await taken(database, HANA)
    assert said([whisper, call]) == [(ADVICE, 2), (CALL, 1)]
    await sent(database, call)
    assert said(await taken(database, HANA)) == [(HELP, 3)]


# --- whispers alone ---------------------------------------------------------------------------------------


async def test_whispers_alone_can_be_asked_for(database: Database) -> None:
    await say(database, HELP, 1)
    assert (await urgent(database), await express(database)) == ([], [])
    await say(database, ADVICE, 2)
    await say(database, ADVICE, 3, place=KEN)
    assert sorted(await urgent(database), key=str) == sorted([HANA, KEN], key=str)
    assert said(await express(database)) == [(ADVICE, 2)]
    assert await urgent(database) == [KEN]
    assert said(await taken(database, HANA)) == [(HELP, 1)]


async def test_one_that_has_to_wait_is_not_urgent_yet(database: Database) -> None:
    await say(database, ADVICE, 1, wait=SOON)
    assert (await urgent(database), await due(database), await express(database)) == ([], [], [])
    await outbox_ages(database, SOON)
    assert (await urgent(database), await due(database)) == ([HANA], [HANA])
    assert said(await express(database)) == [(ADVICE, 1)]


async def test_one_that_is_sent_or_refused_is_not_urgent_until_it_is_said_again(database: Database) -> None:
    for tag in (1, 2):
        await say(database, ADVICE, tag, number=tag)
    done, refused = await express(database)
    await sent(database, done)
    async with database.transaction() as tx:
        await tx.outbox.refuse(refused, "me", "no such person")
    assert await urgent(database) == []
    await say(database, ADVICE, 1, number=1)
    assert await urgent(database) == [HANA]
    async with database.transaction() as tx:
        assert await tx.outbox.retry_refused(HANA) == 1
    assert said(await express(database)) == [(ADVICE, 1), (ADVICE, 2)]


async def test_one_whose_sender_died_is_urgent_when_its_lease_is_over(database: Database) -> None:
    await say(database, ADVICE, 1)
    await express(database)
    assert await urgent(database) == []
    await outbox_ages(database, LEASE)
    assert await urgent(database) == [HANA]
    (again,) = await express(database)
    assert again.unclear_since is not None


async def test_who_asks_for_whispers_reads_nothing_else(database: Database) -> None:
    """By the index that holds whispers on their way alone: what else waits costs nothing."""
    async with database.transaction() as tx:
        if tx.session.is_postgresql:
            await tx.session.run(sa.text("SET LOCAL enable_seqscan = off"))  # a table that is empty is read whole
        async with explained(tx) as plans:
            await tx.outbox.urgent()
            await tx.outbox.take(HANA, "me", LEASE, 10, urgent=True)
    assert [one for one in plans if "ix_outbox_urgent" not in one] == []
    assert len(plans) == 2
