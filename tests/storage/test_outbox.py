"""The outbox: intents that coalesce, and lanes that keep their order."""

from datetime import timedelta

import pytest

from bot.domain.agent import Agent
from bot.domain.inquiry import Change, Inquiry
from bot.notices import NoticeKind
from bot.ports import Place
from storage.database import Database
from tests.builders import SUPPORT, a_message, a_queue, an_act, an_agent, opened
from tests.storage.taking import LEASE, due, kinds, save, sent, taken, write_again
from tests.support.ageing import outbox_ages

SIDE = Place("slack", "C9")
CARD, LETTER, WHISPER = NoticeKind.CARD, NoticeKind.LETTER, NoticeKind.WHISPER


# --- what is put in -------------------------------------------------------------------------------------


async def test_an_opened_inquiry_is_due_in_each_place_of_its_queue(database: Database) -> None:
    await a_queue(database, "support", SUPPORT, SIDE)
    await a_queue(database, "billing")
    (one,) = await opened(database)
    await opened(database, queue="billing")
    assert sorted(await due(database), key=str) == sorted([SUPPORT, SIDE], key=str)
    for place in (SUPPORT, SIDE):
        (card,) = await taken(database, place)
        assert (card.kind, card.number, card.version, card.place, card.attempts) == (CARD, one.number, 1, place, 1)
        assert card.unclear_since is None


async def test_many_changes_are_one_card_in_its_last_state(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    for _ in range(3):
        inquiry = await save(database, inquiry.claim(an_act(hana)))
        inquiry = await save(database, inquiry.release(an_act(hana)))
    (card,) = await taken(database, SUPPORT)
    assert (card.kind, card.version) == (CARD, inquiry.version)
    await sent(database, card)
    assert await taken(database, SUPPORT) == []
    assert await due(database) == []


async def test_each_letter_is_a_notice_of_its_own(database: Database, inquiry: Inquiry) -> None:
    for _ in range(2):
        inquiry = await write_again(database, inquiry)
    (card,) = await taken(database, SUPPORT)
    await sent(database, card)
    for version in (2, 3):
        (letter,) = await taken(database, SUPPORT)
        assert (letter.kind, letter.version) == (LETTER, version)
        await sent(database, letter)
    assert await due(database) == []


async def test_a_whisper_goes_to_the_person_on_one_platform(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    ken = await an_agent(database, "Ken")
    await save(database, inquiry.assign(ken, an_act(hana)))
    (whisper,) = await taken(database, Place("workspace", "@ken"))
    assert (whisper.kind, whisper.agent, whisper.version) == (WHISPER, ken.id, 2)
    assert await taken(database, Place("workspace", "@hana")) == []


async def test_what_is_rolled_back_says_nothing(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    (card,) = await taken(database, SUPPORT)
    await sent(database, card)
    with pytest.raises(LookupError):
        await _saved_and_regretted(database, inquiry.claim(an_act(hana)))
    assert await due(database) == []


async def _saved_and_regretted(database: Database, change: Change) -> None:
    async with database.transaction() as tx:
        await tx.inquiries.save(change)
        raise LookupError


async def test_delivery_is_woken_after_commits_that_said_something(database: Database, hana: Agent) -> None:
    woken: list[str] = []
    database.wake = lambda: woken.append("now")
    await a_queue(database, "support", SUPPORT)
    (inquiry,) = await opened(database)
    assert woken == ["now"]
    await save(database, inquiry.claim(an_act(hana)))
    assert woken == ["now"] * 2
    await taken(database, SUPPORT)
    assert woken == ["now"] * 2


# --- order ----------------------------------------------------------------------------------------------


async def test_a_letter_waits_for_its_card(database: Database, inquiry: Inquiry) -> None:
    await write_again(database, inquiry)
    (card,) = await taken(database, SUPPORT)
    assert card.kind is CARD
    assert await taken(database, SUPPORT) == []
    async with database.transaction() as tx:
        await tx.outbox.later(card, "me", timedelta(minutes=5), "too fast")
    assert await taken(database, SUPPORT) == []
    await outbox_ages(database, timedelta(minutes=5))
    (card,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.unclear(card, "me", timedelta(minutes=5), card.taken_at, 0)
    assert await taken(database, SUPPORT) == []
    await outbox_ages(database, timedelta(minutes=5))
    (card,) = await taken(database, SUPPORT)
    await sent(database, card)
    assert kinds(await taken(database, SUPPORT)) == [(LETTER, inquiry.number)]


async def test_one_that_waits_holds_up_no_other_inquiry_and_no_other_place(database: Database) -> None:
    await a_queue(database, "support", SUPPORT, SIDE)
    slow, quick = await opened(database, a_message(), a_message())
    (first, _) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.later(first, "me", timedelta(hours=1), "broken")
    await write_again(database, quick)
    await outbox_ages(database, LEASE)
    assert kinds(await taken(database, SUPPORT)) == [(CARD, quick.number)]
    assert kinds(await taken(database, SIDE)) == [(CARD, slow.number), (CARD, quick.number)]


async def test_the_oldest_are_taken_first_and_only_so_many(database: Database) -> None:
    await a_queue(database, "support", SUPPORT)
    numbers = [one.number for one in await opened(database, *[a_message() for _ in range(5)])]
    assert [one.number for one in await taken(database, SUPPORT, limit=3)] == numbers[:3]
    assert [one.number for one in await taken(database, SUPPORT, limit=3)] == numbers[3:]


async def test_a_refused_card_does_not_hold_up_what_comes_after_it(database: Database, inquiry: Inquiry) -> None:
    await write_again(database, inquiry)
    (card,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.refuse(card, "me", "no such channel")
    assert kinds(await taken(database, SUPPORT)) == [(LETTER, inquiry.number)]


# --- while it is being sent -----------------------------------------------------------------------------


async def test_a_change_while_its_card_is_being_sent_makes_it_due_again(
    database: Database, inquiry: Inquiry, hana: Agent
) -> None:
    (card,) = await taken(database, SUPPORT)
    await save(database, inquiry.claim(an_act(hana)))
    assert await taken(database, SUPPORT) == []
    await sent(database, card)
    (again,) = await taken(database, SUPPORT)
    assert (again.id, again.version) == (card.id, 2)
    await sent(database, again)
    assert await due(database) == []


async def test_a_change_does_not_cut_short_a_wait_that_a_platform_asked_for(
    database: Database, inquiry: Inquiry, hana: Agent
) -> None:
    (card,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.later(card, "me", timedelta(minutes=5), "slow down")
    await save(database, inquiry.claim(an_act(hana)))
    assert await due(database) == []
    await outbox_ages(database, timedelta(minutes=5))
    (card,) = await taken(database, SUPPORT)
    assert (card.version, card.attempts) == (2, 2)


async def test_attempts_begin_anew_after_a_success(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    for _ in range(3):
        (card,) = await taken(database, SUPPORT)
        async with database.transaction() as tx:
            await tx.outbox.later(card, "me", timedelta(), "again")
    (card,) = await taken(database, SUPPORT)
    assert card.attempts == 4
    await sent(database, card)
    await save(database, inquiry.claim(an_act(hana)))
    (card,) = await taken(database, SUPPORT)
    assert card.attempts == 1


# --- where something was sent lately --------------------------------------------------------------------


LATELY = timedelta(minutes=15)


async def lately(database: Database, platform: str = "workspace") -> list[Place]:
    async with database.snapshot() as tx:
        return await tx.outbox.lately(platform, LATELY)


async def test_where_something_was_sent_is_known_for_a_while(database: Database, inquiry: Inquiry) -> None:
    assert await lately(database) == [], "it only waits"
    (card,) = await taken(database, SUPPORT)
    assert await lately(database) == [SUPPORT], "it is being sent"
    await sent(database, card)
    assert await lately(database) == [SUPPORT]
    assert await lately(database, SIDE.platform) == []
    await outbox_ages(database, LATELY + LEASE)
    assert await lately(database) == []


async def test_a_card_that_waited_long_is_sent_when_it_is_sent(database: Database, inquiry: Inquiry) -> None:
    await outbox_ages(database, 2 * LATELY)
    (card,) = await taken(database, SUPPORT)
    await sent(database, card)
    assert await lately(database) == [SUPPORT]


async def test_what_may_have_been_sent_counts_and_what_surely_was_not_does_not(
    database: Database, inquiry: Inquiry
) -> None:
    (card,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.unclear(card, "me", timedelta(), card.taken_at, 0)
    assert await lately(database) == [SUPPORT]
    (card,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.later(card, "me", timedelta(), "too fast")
    assert await lately(database) == []
    (card,) = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        await tx.outbox.refuse(card, "me", "no such channel")
    assert await lately(database) == []


async def test_each_place_is_named_once(database: Database) -> None:
    await a_queue(database, "support", SUPPORT, SIDE)
    await opened(database, a_message(), a_message())
    for place in (SUPPORT, SIDE):
        for card in await taken(database, place):
            await sent(database, card)
    assert (await lately(database), await lately(database, SIDE.platform)) == ([SUPPORT], [SIDE])
