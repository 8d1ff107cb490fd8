"""The room of digests: how a queue stands, counted, and kept once for each part of a day."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa

from bot.domain.agent import Agent
from bot.domain.care import wait
from bot.domain.digest import Digest, Figures, Load, Part, Slot
from bot.domain.inquiry import Inquiry, Status
from bot.notices import NoticeKind
from bot.ports import Place
from storage.database import Database
from storage.tables import inquiry, outbox
from tests.builders import SUPPORT, a_message, a_queue, an_act, an_agent, opened
from tests.support.clock import MORNING

HOUR = timedelta(hours=1)
TONIGHT = MORNING + 14 * HOUR
MONDAY, TUESDAY = date(2026, 3, 30), date(2026, 3, 31)
SIDE = Place("slack", "C9")


async def due(database: Database, one: Inquiry, at: datetime | None) -> None:
    async with database.transaction() as tx:
        await tx.session.run(sa.update(inquiry).where(inquiry.c.number == one.number).values(due_at=at))


async def claimed(database: Database, one: Inquiry, agent: Agent) -> Inquiry:
    change = one.claim(an_act(agent))
    async with database.transaction() as tx:
        await tx.inquiries.save(change)
    return change.after


async def waiting(database: Database, one: Inquiry, agent: Agent, status: Status) -> None:
    async with database.transaction() as tx:
        await tx.inquiries.save(wait(one, status, MORNING + 48 * HOUR, "", an_act(agent, 1)))


async def figures(database: Database, since: datetime = MORNING - HOUR, queue: str = "support") -> Figures:
    async with database.snapshot() as tx:
        return await tx.digests.figures(queue, MORNING, TONIGHT, since)


async def test_every_inquiry_is_counted_once_where_it_belongs(database: Database) -> None:
    await a_queue(database, "support")
    await a_queue(database, "billing")
    hana, ken = await an_agent(database), await an_agent(database, "Ken")
    late, now, today, tonight, never, paused, third, free = await opened(database, *[a_message() for _ in range(8)])
    (elsewhere,) = await opened(database, queue="billing")
    for one, at in ((late, -HOUR), (now, 0 * HOUR), (today, HOUR), (tonight, 14 * HOUR), (elsewhere, -HOUR)):
        await due(database, one, MORNING + at)
    for one in (late, now, tonight):
        await claimed(database, one, hana)
    await claimed(database, today, ken)
    await waiting(database, await claimed(database, paused, ken), ken, Status.WAITING_ON_CUSTOMER)
    await waiting(database, await claimed(database, third, hana), hana, Status.WAITING_ON_THIRD_PARTY)
    await claimed(database, never, hana)

    found = await figures(database)

    assert found == Figures(
        overdue=1,
        today=2,
        unclaimed=1,
        on_customer=1,
        on_third_party=1,
        open=8,
        new=8,
        resolved=0,
        loads=(
            Load(hana.id, "Hana", open=5, overdue=1, today=1, waiting=1),
            Load(ken.id, "Ken", open=2, overdue=0, today=1, waiting=1),
            Load(None, "", open=1),
        ),
    )
    assert [load.rest for load in found.loads] == [2, 0, 1]
    assert free.holder is None


async def test_what_waits_and_is_overdue_all_the_same_is_overdue(database: Database) -> None:
    await a_queue(database, "support")
    hana = await an_agent(database)
    (one,) = await opened(database)
    await waiting(database, await claimed(database, one, hana), hana, Status.WAITING_ON_CUSTOMER)
    await due(database, one, MORNING - HOUR)
    found = await figures(database)
    assert (found.overdue, found.on_customer, found.loads[0].waiting, found.loads[0].rest) == (1, 1, 0, 0)


async def test_what_is_new_and_what_was_resolved_since(database: Database) -> None:
    await a_queue(database, "support")
    hana = await an_agent(database)
    done, reopened, _ = await opened(database, *[a_message() for _ in range(3)])
    for one in (done, reopened):
        async with database.transaction() as tx:
            await tx.inquiries.save(one.resolve("", an_act(hana, 30)))
    async with database.transaction() as tx:
        again = await tx.inquiries.get(reopened.number)
        assert again is not None
        await tx.inquiries.save(again.reopen(an_act(hana, 40)))
    counts = {}
    for minutes in (0, 1, 30, 31):
        found = await figures(database, MORNING + timedelta(minutes=minutes))
        counts[minutes] = (found.new, found.resolved, found.open)
    assert counts == {0: (3, 1, 2), 1: (0, 1, 2), 30: (0, 1, 2), 31: (0, 0, 2)}


async def test_an_empty_queue_is_all_zeros(database: Database) -> None:
    await a_queue(database, "support")
    assert await figures(database) == Figures()


async def test_the_most_urgent_come_first_and_nothing_that_waits(database: Database) -> None:
    await a_queue(database, "support")
    hana = await an_agent(database)
    first, second, third, paused, done, undue = await opened(database, *[a_message() for _ in range(6)])
    for one, hours in ((first, 3), (second, 1), (third, 2), (paused, 0), (done, 0)):
        await due(database, one, MORNING + hours * HOUR)
    await waiting(database, await claimed(database, paused, hana), hana, Status.WAITING_ON_CUSTOMER)
    async with database.transaction() as tx:
        await tx.inquiries.save(done.resolve("", an_act(hana)))
    async with database.snapshot() as tx:
        assert [one.number for one in await tx.digests.urgent("support", 2)] == [second.number, third.number]
        every = [one.number for one in await tx.digests.urgent("support", 9)]
        assert every == [second.number, third.number, first.number]
        assert await tx.digests.unclaimed() == {"support": 4}
    assert undue.number not in every


# --- kept ---------------------------------------------------------------------------------------------------


async def kept(database: Database, day: date, part: Part = Part.MORNING, open_: int = 1) -> int | None:
    at = datetime.combine(day, MORNING.time(), MORNING.tzinfo) + (9 * HOUR if part is Part.EVENING else 0 * HOUR)
    async with database.transaction() as tx:
        loads = (Load(None, "", open_),)
        return await tx.digests.keep("support", Slot(day, part), at, Figures(open=open_, loads=loads))


async def test_a_digest_is_kept_once_and_read_as_it_was(database: Database) -> None:
    await a_queue(database, "support", SUPPORT, SIDE)
    one = await kept(database, MONDAY, open_=7)
    assert one is not None
    assert await kept(database, MONDAY, open_=9) is None
    async with database.snapshot() as tx:
        found = await tx.digests.get(one)
        figures = Figures(open=7, loads=(Load(None, "", 7),))
        assert found == Digest("support", Slot(MONDAY, Part.MORNING), MORNING - timedelta(days=2), figures)
        assert await tx.digests.get(one + 1) is None
        rows = (await tx.session.run(sa.select(outbox).order_by(outbox.c.platform))).all()
    told = [(row.kind, row.number, Place(row.platform, row.channel)) for row in rows]
    assert told == [(NoticeKind.DIGEST, one, SIDE), (NoticeKind.DIGEST, one, SUPPORT)]


async def test_it_is_compared_with_the_same_part_of_an_earlier_day(database: Database) -> None:
    await a_queue(database, "support", SUPPORT)
    first, _, third = [
        await kept(database, *one) for one in ((MONDAY,), (MONDAY, Part.EVENING, 2), (TUESDAY, Part.MORNING, 3))
    ]
    async with database.snapshot() as tx:
        earlier = [await tx.digests.before("support", Part.MORNING, day) for day in (MONDAY, TUESDAY, date(2026, 4, 9))]
        newest = await tx.digests.newest("support")
        assert [one and one.figures.open for one in earlier] == [None, 1, 3]
        assert await tx.digests.before("billing", Part.MORNING, TUESDAY) is None
        assert newest == await tx.digests.get(third or 0)
        assert await tx.digests.newest("billing") is None
        assert await tx.digests.told(["support", "billing"], TUESDAY) == {("support", TUESDAY, Part.MORNING)}
        assert len(await tx.digests.told(["support"], MONDAY)) == 3
    assert first is not None


async def test_the_digests_of_several_queues_in_one_channel_keep_apart(database: Database) -> None:
    for name in ("support", "billing", "returns"):
        await a_queue(database, name, SUPPORT)
    await a_queue(database, "sales", SIDE)
    async with database.transaction() as tx:
        for name in ("support", "returns", "billing", "sales"):
            assert await tx.digests.keep(name, Slot(MONDAY, Part.MORNING), MORNING, Figures())
        rows = (await tx.session.run(sa.select(outbox))).all()
    due_at = sorted(row.due_at for row in rows if row.platform == SUPPORT.platform)
    pauses = [later - earlier for earlier, later in pairwise(due_at)]
    assert all(timedelta(seconds=9) < pause < timedelta(seconds=11) for pause in pauses), pauses


def test_figures_survive_being_written_down() -> None:
    figures = Figures(1, 2, 3, 4, 5, 6, 7, 8, (Load(1, "佐藤 花", 3, 1, 1, 1), Load(None, "", 2)))
    assert Figures.read(figures.written()) == figures
    assert Figures.read(replace(figures, loads=()).written()).loads == ()
