"""The rooms of agents, of queues and their channels, and of placements."""

from dataclasses import replace

import pytest

from bot.domain.agent import Agent, Role
from bot.domain.errors import Conflict
from bot.notices import NoticeKind
from bot.ports import Handle, MessageRef, Place, Placement, Queue, Sending
from storage.database import Database
from tests.builders import SUPPORT, a_message, a_queue, an_act, an_agent, opened
from tests.storage.taking import taken

HANA = Handle("workspace", "hana")
SIDE = Place("slack", "C9")


async def test_an_enrolled_person_is_known_by_their_handle(database: Database) -> None:
    async with database.transaction() as tx:
        hana = await tx.agents.enrol(HANA, "Hana", Role.AGENT, "ja", "Asia/Tokyo")
    async with database.snapshot() as tx:
        assert await tx.agents.by_handle(HANA) == hana == Agent(hana.id, "Hana", Role.AGENT, "ja", "Asia/Tokyo")
        assert await tx.agents.by_handle(Handle("slack", "hana")) is None
        assert await tx.agents.handles(hana.id) == [HANA]


async def test_enrolling_again_changes_the_role_and_nothing_else(database: Database) -> None:
    hana = await an_agent(database)
    async with database.transaction() as tx:
        assert await tx.agents.enrol(HANA, "X", Role.SUPERVISOR, "ja", "Asia/Tokyo") == replace(
            hana, role=Role.SUPERVISOR
        )
        assert await tx.agents.by_handle(HANA) == replace(hana, role=Role.SUPERVISOR)


async def test_the_team_is_whoever_has_a_role_by_name(database: Database) -> None:
    for name in ("Ken", "Emma", "Hana"):
        await an_agent(database, name)
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("workspace", "ken"), "", None, "en", "UTC")
        gone = await tx.agents.by_handle(Handle("workspace", "ken"))
    assert gone is not None
    assert gone.role is None
    async with database.snapshot() as tx:
        assert [one.name for one in await tx.agents.all()] == ["Emma", "Hana"]


async def test_the_language_somebody_chose_is_remembered(database: Database) -> None:
    hana, ken = await an_agent(database), await an_agent(database, "Ken")
    async with database.transaction() as tx:
        await tx.agents.speak(hana.id, "ja")
    async with database.snapshot() as tx:
        assert [one.language for one in await tx.agents.all()] == ["ja", ken.language]


# --- roles of platforms, and handles that join ----------------------------------------------------------


THERE, ALSO_THERE = Handle("discord", "7"), Handle("discord", "8")


async def appointed(database: Database, agent: Agent, by: Handle) -> bool:
    async with database.snapshot() as tx:
        return await tx.agents.appointed_by(agent.id, by)


async def test_whoever_gave_or_took_a_role_last_is_remembered(database: Database) -> None:
    hana = await an_agent(database)
    assert not await appointed(database, hana, HANA)
    for role in (Role.SUPERVISOR, None):
        async with database.transaction() as tx:
            await tx.agents.appoint(hana.id, role, THERE)
            assert await tx.agents.by_handle(HANA) == replace(hana, role=role)
        assert await appointed(database, hana, THERE)
        assert not await appointed(database, hana, ALSO_THERE)
    async with database.transaction() as tx:
        await tx.agents.enrol(HANA, "", Role.AGENT, "en", "UTC")
    assert not await appointed(database, hana, THERE)


async def test_a_handle_that_joins_comes_after_the_one_they_began_with(database: Database) -> None:
    hana = await an_agent(database)
    async with database.transaction() as tx:
        assert await tx.agents.join(hana, THERE, None) == hana
        assert await tx.agents.by_handle(THERE) == hana
        assert await tx.agents.handles(hana.id) == [HANA, THERE]


@pytest.mark.parametrize("whose", ["the one who stays", "the one who joins"])
async def test_who_changed_since_they_were_read_is_not_joined(database: Database, whose: str) -> None:
    hana, mia = await an_agent(database), await an_agent(database, "Mia", platform="discord")
    there = Handle("discord", "mia")
    async with database.transaction() as tx:
        changed = HANA if whose == "the one who stays" else there
        await tx.agents.enrol(changed, "", None, "en", "UTC")
    with pytest.raises(Conflict):
        async with database.transaction() as tx:
            await tx.agents.join(hana, there, mia)
    async with database.snapshot() as tx:
        assert (await tx.agents.handles(hana.id), await tx.agents.handles(mia.id)) == ([HANA], [there])


async def test_a_handle_that_became_somebody_meanwhile_is_not_joined_as_a_strangers(database: Database) -> None:
    hana, mia = await an_agent(database), await an_agent(database, "Mia", platform="discord")
    with pytest.raises(Conflict):
        async with database.transaction() as tx:
            await tx.agents.join(hana, Handle("discord", "mia"), None)
    async with database.snapshot() as tx:
        assert await tx.agents.by_handle(Handle("discord", "mia")) == mia


# --- queues ---------------------------------------------------------------------------------------------


async def test_a_queue_is_made_once(database: Database) -> None:
    await a_queue(database, "support", SUPPORT)
    async with database.transaction() as tx:
        await tx.queues.add("support", "ja", "Asia/Tokyo")
        await tx.queues.add("billing", "ja", "Asia/Tokyo")
    async with database.snapshot() as tx:
        assert await tx.queues.all() == [
            Queue("billing", "ja", "Asia/Tokyo"),
            Queue("support", "en", "UTC", (SUPPORT,)),
        ]
        assert await tx.queues.get("support") == Queue("support", "en", "UTC", (SUPPORT,))
        assert await tx.queues.get("nothing") is None


async def test_showing_a_queue_puts_the_cards_of_what_is_open_into_the_outbox(database: Database) -> None:
    hana = await an_agent(database)
    await a_queue(database)
    await a_queue(database, "billing")
    first, second, third = await opened(database, a_message(), a_message(), a_message())
    await opened(database, queue="billing")
    async with database.transaction() as tx:
        await tx.inquiries.save(second.resolve("", an_act(hana)))
    assert await taken(database, SUPPORT) == []
    async with database.transaction() as tx:
        assert await tx.queues.show("support", SUPPORT)
        assert not await tx.queues.show("support", SUPPORT)
    cards = await taken(database, SUPPORT)
    assert [(one.kind, one.number, one.version) for one in cards] == [
        (NoticeKind.CARD, first.number, 1),
        (NoticeKind.CARD, third.number, 1),
    ]


async def test_hiding_a_queue_stops_its_new_cards_there(database: Database) -> None:
    await a_queue(database, "support", SUPPORT, SIDE)
    async with database.transaction() as tx:
        assert await tx.queues.hide("support", SIDE)
        assert not await tx.queues.hide("support", SIDE)
    await opened(database)
    assert len(await taken(database, SUPPORT)) == 1
    assert await taken(database, SIDE) == []


# --- placements -----------------------------------------------------------------------------------------


@pytest.fixture
async def sending(database: Database) -> Sending:
    await a_queue(database, "support", SUPPORT)
    await opened(database)
    (card,) = await taken(database, SUPPORT)
    return card


async def placed(database: Database, sending: Sending) -> Placement | None:
    async with database.snapshot() as tx:
        return await tx.placements.of(sending.number, sending.place)


async def test_a_card_that_was_sent_stands_somewhere(database: Database, sending: Sending) -> None:
    assert await placed(database, sending) is None
    async with database.transaction() as tx:
        await tx.outbox.sent(sending, "me", MessageRef("C1", "m1"))
    assert await placed(database, sending) == Placement(MessageRef("C1", "m1"), 1)
    async with database.snapshot() as tx:
        found = [
            await tx.placements.inquiry_at("workspace", channel, message)
            for channel, message in [("C1", "m1"), ("support", "m1"), ("other", "m1"), ("C1", "m2")]
        ]
        assert await tx.placements.inquiry_at("slack", "C1", "m1") is None
    assert found == [sending.number, sending.number, None, None]


async def test_each_deleted_card_begins_a_new_generation(database: Database, sending: Sending) -> None:
    """Even one that was deleted before its place was known: under its key the platform would find it again."""
    async with database.transaction() as tx:
        await tx.placements.lost(sending.number, sending.place)
    assert await placed(database, sending) == Placement(None, 2)
    async with database.transaction() as tx:
        await tx.outbox.sent(sending, "me", MessageRef("C1", "m1"))
    async with database.transaction() as tx:
        await tx.placements.lost(sending.number, sending.place)
    assert await placed(database, sending) == Placement(None, 3)
    async with database.snapshot() as tx:
        assert await tx.placements.inquiry_at("workspace", "C1", "m1") is None


async def test_the_card_posted_anew_keeps_its_generation(database: Database, sending: Sending) -> None:
    hana = await an_agent(database)
    async with database.transaction() as tx:
        await tx.outbox.sent(sending, "me", MessageRef("C1", "m1"))
        await tx.placements.lost(sending.number, sending.place)
        inquiry = await tx.inquiries.get(sending.number)
        assert inquiry is not None
        await tx.inquiries.save(inquiry.claim(an_act(hana)))
    (again,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.sent(again, "me", MessageRef("C1", "m2"))
    assert await placed(database, sending) == Placement(MessageRef("C1", "m2"), 2)
