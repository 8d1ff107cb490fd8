"""The room of inquiries: opened in batches, saved by compare-and-set, read back whole."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Conflict
from bot.domain.events import EventKind
from bot.domain.inquiry import Change, Inquiry
from bot.domain.message import Attachment
from bot.ports import Joining, Opening
from storage.database import Database
from tests.builders import a_message, a_queue, an_act, an_agent, opened, stored_mails
from tests.support.clock import MORNING


@pytest.fixture(autouse=True)
async def _queues(database: Database) -> None:
    await a_queue(database, "support")
    await a_queue(database, "billing")


async def now(database: Database, number: int) -> Inquiry:
    async with database.snapshot() as tx:
        found = await tx.inquiries.get(number)
    assert found is not None
    return found


async def test_a_batch_is_opened_in_order_with_numbers_from_1001(database: Database) -> None:
    many = await opened(
        database, *[a_message(subject=f"mail {n}", from_address=f"c{n}@example.com") for n in range(50)]
    )
    assert [one.number for one in many] == list(range(1001, 1051))
    assert [one.subject for one in many] == [f"mail {n}" for n in range(50)]
    async with database.snapshot() as tx:
        stored = [await tx.inquiries.get(one.number) for one in many]
    assert stored == many


async def test_opening_nothing_opens_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.inquiries.open([]) == []


async def test_an_opened_inquiry_has_its_event_and_its_letter(database: Database) -> None:
    said = a_message(attachments=(Attachment("請求書.pdf", "application/pdf", 9),), text="全文", reply_text="返信")
    (inquiry,) = await opened(database, said)
    async with database.snapshot() as tx:
        (event,) = await tx.inquiries.timeline(inquiry.number)
        (letter,) = await tx.inquiries.letters(inquiry.number)
    assert (event.kind, event.version, event.act.agent, event.act.source) == (EventKind.OPENED, 1, None, "mail")
    assert event.act.at == MORNING
    assert (letter.number, letter.version, letter.at, letter.message) == (inquiry.number, 1, MORNING, said)


async def test_an_unreadable_mail_is_an_inquiry_too(database: Database) -> None:
    (mail,) = await stored_mails(database)
    nothing = a_message(subject="", from_address="", from_name="", text="", reply_text="")
    async with database.transaction() as tx:
        (inquiry,) = await tx.inquiries.open([Opening("support", nothing, MORNING, mail, readable=False)])
    assert not (await now(database, inquiry.number)).readable


async def test_there_is_no_inquiry_of_an_unknown_number(database: Database) -> None:
    async with database.snapshot() as tx:
        assert await tx.inquiries.get(1) is None
        assert await tx.inquiries.timeline(1) == []


async def test_a_saved_change_is_read_back_whole(database: Database) -> None:
    hana = await an_agent(database)
    (inquiry,) = await opened(database)
    claimed = inquiry.claim(an_act(hana, minutes=3)).after
    changes = [
        inquiry.claim(an_act(hana, minutes=3)),
        claimed.resolve("sent anew", an_act(hana, minutes=4)),
        claimed.resolve("sent anew", an_act(hana, minutes=4)).after.reopen(an_act(hana, minutes=5)),
    ]
    for change in changes:
        async with database.transaction() as tx:
            await tx.inquiries.save(change)
        assert await now(database, inquiry.number) == change.after
    async with database.snapshot() as tx:
        timeline = await tx.inquiries.timeline(inquiry.number)
    assert timeline[1:] == [change.event for change in changes]


async def test_who_saves_from_an_old_version_gets_a_conflict_and_changes_nothing(database: Database) -> None:
    hana, ken = await an_agent(database), await an_agent(database, "Ken")
    (inquiry,) = await opened(database)
    async with database.transaction() as tx:
        await tx.inquiries.save(inquiry.claim(an_act(hana)))
    with pytest.raises(Conflict):
        async with database.transaction() as tx:
            await tx.inquiries.save(inquiry.claim(an_act(ken)))
    assert (await now(database, inquiry.number)).holder == hana
    async with database.snapshot() as tx:
        assert len(await tx.inquiries.timeline(inquiry.number)) == 2


async def test_leaving_a_transaction_by_an_error_leaves_nothing_behind(database: Database) -> None:
    hana = await an_agent(database)
    (inquiry,) = await opened(database)
    with pytest.raises(LookupError):
        await _saved_and_regretted(database, inquiry.claim(an_act(hana)))
    assert await now(database, inquiry.number) == inquiry


async def _saved_and_regretted(database: Database, change: Change) -> None:
    async with database.transaction() as tx:
        await tx.inquiries.save(change)
        raise LookupError


async def test_a_further_message_is_saved_with_its_change(database: Database) -> None:
    (inquiry,) = await opened(database)
    (mail,) = await stored_mails(database)
    more = a_message(reply_text="Hello?")
    change = inquiry.receive(more, an_act(None, minutes=8, source="mail"))
    async with database.transaction() as tx:
        await tx.inquiries.join([Joining(change, more, mail)])
    assert await now(database, inquiry.number) == change.after
    async with database.snapshot() as tx:
        letters = await tx.inquiries.letters(inquiry.number)
    assert [(letter.version, letter.message) for letter in letters][1:] == [(2, more)]
    with pytest.raises(Conflict):
        async with database.transaction() as tx:
            await tx.inquiries.join([Joining(change, more, mail)])


async def test_message_ids_lead_to_inquiries_of_the_same_queue_only(database: Database) -> None:
    ours, other = a_message(message_id="ours@example.com"), a_message(message_id="other@example.com")
    (inquiry,) = await opened(database, ours)
    await opened(database, other, queue="billing")
    asked = ["ours@example.com", "other@example.com", "unknown@example.com", ""]
    async with database.snapshot() as tx:
        found = await tx.inquiries.answered_by("support", asked)
        assert {one: thread.number for one, thread in found.items()} == {"ours@example.com": inquiry.number}
        assert await tx.inquiries.answered_by("support", []) == {}


async def test_a_message_id_used_twice_leads_to_the_newer_inquiry(database: Database) -> None:
    twice = [a_message(message_id="same@example.com"), a_message(message_id="same@example.com")]
    _, newer = await opened(database, *twice)
    async with database.snapshot() as tx:
        found = await tx.inquiries.answered_by("support", ["same@example.com"])
        assert found["same@example.com"].number == newer.number


async def test_mails_without_a_message_id_are_never_answered(database: Database) -> None:
    await opened(database, a_message(message_id=""))
    async with database.snapshot() as tx:
        assert await tx.inquiries.answered_by("support", [""]) == {}


async def test_those_who_wait_are_listed_unclaimed_first_and_the_longest_waiting_first(database: Database) -> None:
    hana = await an_agent(database)
    mails = await stored_mails(database, 5)
    ages = [3, 1, 4, 2, 5]
    openings = [
        Opening("support", a_message(), MORNING - timedelta(minutes=age), mail)
        for age, mail in zip(ages, mails, strict=True)
    ]
    async with database.transaction() as tx:
        inquiries = await tx.inquiries.open(openings)
        by_age = dict(zip(ages, inquiries, strict=True))
        await tx.inquiries.save(by_age[5].claim(an_act(hana)))
        await tx.inquiries.save(by_age[2].resolve("", an_act(hana)))
    await opened(database, queue="billing")
    expected = [by_age[age].number for age in (4, 3, 1, 5)]
    async with database.snapshot() as tx:
        listed, total = await tx.inquiries.waiting("support", 0, 10)
        assert ([one.number for one in listed], total) == (expected, 4)
        pages = [[one.number for one in (await tx.inquiries.waiting("support", at, 2))[0]] for at in (0, 2, 4)]
        assert pages == [expected[:2], expected[2:], []]
        assert (await tx.inquiries.waiting(None, 0, 1))[1] == 5


async def test_who_left_the_team_still_stands_in_what_they_did(database: Database) -> None:
    hana = await an_agent(database)
    (inquiry,) = await opened(database)
    async with database.transaction() as tx:
        await tx.inquiries.save(inquiry.claim(an_act(hana)))
        (handle,) = await tx.agents.handles(hana.id)
        await tx.agents.enrol(handle, "", None, "en", "UTC")
    assert (await now(database, inquiry.number)).holder == replace(hana, role=None)
