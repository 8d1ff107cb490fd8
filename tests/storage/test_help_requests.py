"""Help requests in the store: kept as they are, told where they are to be told, changed by one at a time."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot import phone_desk
from bot.domain.agent import Agent, Role
from bot.domain.errors import Conflict
from bot.domain.events import Act
from bot.domain.help_request import HelpRequest
from bot.domain.phone import Began, Ended, PhoneCall, Voice
from bot.notices import NoticeKind
from bot.ports import Handle, Place
from storage.database import Database
from storage.tables import outbox
from tests.builders import an_agent
from tests.support.clock import MORNING

EMMA, KEN, CHANNEL = Place("workspace", "@emma"), Place("slack", "@U1"), Place("workspace", "customs")
LATER = MORNING + timedelta(minutes=1)


@pytest.fixture
async def call(database: Database, hana: Agent) -> PhoneCall:
    """Hana talks with somebody."""
    async with database.transaction() as tx:
        await tx.queues.add("support", "en", "UTC")
        told = Began(MORNING, Voice.HAND)
        _, begun = await phone_desk.begin(tx, hana, told, Act(MORNING, "workspace", hana), "support")
    return begun


async def asked(database: Database, call: PhoneCall, *places: Place, text: str = "") -> HelpRequest:
    async with database.transaction() as tx:
        request = HelpRequest(call=call.id, asker=call.agent, text=text, at=MORNING)
        return await tx.help_requests.ask(request, call.inquiry, places)


async def told(database: Database) -> dict[tuple[str, str], tuple[str, int, int]]:
    """Where it was told: by which tag, of which inquiry, and how often."""
    query = sa.select(outbox).where(outbox.c.kind == NoticeKind.HELP).order_by(outbox.c.id)
    async with database.snapshot() as tx:
        rows = (await tx.session.run(query)).all()
    return {(row.platform, row.channel): (row.key.partition(":")[0], row.number, row.revision) for row in rows}


async def test_a_request_is_read_as_it_was_kept(database: Database, call: PhoneCall) -> None:
    ken = await an_agent(database, "Ken")
    kept = await asked(database, call, EMMA, text="May we?\nNow?")
    after = kept.to_experts(LATER).answered(ken, LATER)
    async with database.transaction() as tx:
        await tx.help_requests.save(kept, after)
    async with database.snapshot() as tx:
        assert await tx.help_requests.get(kept.id) == after
        assert await tx.help_requests.of_call(call.id) == [after]
        assert await tx.help_requests.get(kept.id + 1) is None


async def test_it_is_told_in_each_place_once_and_drawn_anew_there(database: Database, call: PhoneCall) -> None:
    kept = await asked(database, call, EMMA, EMMA, KEN)
    tag, number = f"help{kept.id}", call.inquiry
    assert await told(database) == {("workspace", "@emma"): (tag, number, 1), ("slack", "@U1"): (tag, number, 1)}
    async with database.transaction() as tx:
        await tx.help_requests.save(kept, kept.to_experts(LATER), [KEN, CHANNEL])
    assert {place: times for place, (_, _, times) in (await told(database)).items()} == {
        ("workspace", "@emma"): 2,
        ("slack", "@U1"): 2,
        ("workspace", "customs"): 1,
    }
    async with database.snapshot() as tx:
        assert await tx.help_requests.places(kept.id) == [EMMA, KEN, CHANNEL]


async def test_of_two_who_change_it_one_gives_way(database: Database, call: PhoneCall) -> None:
    kept = await asked(database, call, EMMA)
    async with database.transaction() as tx:
        await tx.help_requests.save(kept, kept.over())
    with pytest.raises(Conflict):
        async with database.transaction() as tx:
            await tx.help_requests.save(kept, kept.to_experts(LATER), [CHANNEL])
    assert list(await told(database)) == [("workspace", "@emma")]


async def test_open_are_those_that_nobody_answered_in_calls_that_go_on(database: Database, call: PhoneCall) -> None:
    ken = await an_agent(database, "Ken", Role.SUPERVISOR)
    first, second = await asked(database, call), await asked(database, call)
    async with database.transaction() as tx:
        await tx.help_requests.save(first, first.answered(ken, LATER))
        assert await tx.help_requests.open() == [second]
        await phone_desk.end(tx, call, Ended(LATER, Voice.HAND), Act(LATER, "workspace", call.agent))
        assert await tx.help_requests.open() == []
        assert [one.is_open for one in await tx.help_requests.of_call(call.id)] == [False, False]


async def test_asked_was_whoever_was_told_by_any_of_their_handles(database: Database, call: PhoneCall) -> None:
    ken = await an_agent(database, "Ken")
    emma = await an_agent(database, "Emma", Role.SUPERVISOR)
    async with database.transaction() as tx:
        await tx.agents.join(ken, Handle("slack", "U1"), None)
    await asked(database, call, KEN)
    async with database.snapshot() as tx:
        assert [await tx.help_requests.asked(call.id, one.id) for one in (ken, emma)] == [True, False]
        assert not await tx.help_requests.asked(call.id + 1, ken.id)
    await asked(database, call, CHANNEL)
    async with database.snapshot() as tx:
        assert await tx.help_requests.asked(call.id, emma.id), "who reads in a channel, nobody knows"


async def test_who_is_joined_to_somebody_has_asked_as_them(database: Database, call: PhoneCall) -> None:
    kept = await asked(database, call, EMMA)
    async with database.transaction() as tx:
        ken = await tx.agents.enrol(Handle("slack", "U1"), "Ken", Role.AGENT, "en", "UTC")
        await tx.agents.join(ken, Handle("workspace", "hana"), call.agent)
        [request] = await tx.help_requests.of_call(call.id)
    assert (kept.asker.id, request.asker.id) == (call.agent.id, ken.id)
