"""The room of histories: what somebody asked, open ones first, with what they were told, and the how-manieth it was."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.domain.agent import Agent
from bot.domain.inquiry import Change, Inquiry
from bot.ports import Contact, Joining, Opening
from storage.database import Database
from storage.tables import customer, inquiry
from tests.builders import a_message, a_queue, an_act, an_agent, stored_mails
from tests.support.clock import MORNING

DAY = timedelta(days=1)


@pytest.fixture
async def hana(database: Database) -> Agent:
    for queue in ("support", "billing"):
        await a_queue(database, queue)
    return await an_agent(database)


async def asked(database: Database, *ages: timedelta, queue: str = "support", by: str = "ito") -> list[Inquiry]:
    """Inquiries of one customer, so old, in this order."""
    mails = await stored_mails(database, len(ages), queue)
    openings = [
        Opening(queue, a_message(from_address=f"{by}@example.com", from_name=by), MORNING - age, mail)
        for age, mail in zip(ages, mails, strict=True)
    ]
    async with database.transaction() as tx:
        return await tx.inquiries.open(openings)


async def saved(database: Database, change: Change) -> Inquiry:
    async with database.transaction() as tx:
        await tx.inquiries.save(change)
    return change.after


async def resolved(database: Database, one: Inquiry, by: Agent, note: str = "") -> Inquiry:
    return await saved(database, one.resolve(note, an_act(by)))


async def answered(database: Database, one: Inquiry, by: Agent, **said: str) -> Inquiry:
    """The team wrote to the customer."""
    message = a_message(from_address="support@example.com", **said)
    [mail] = await stored_mails(database)
    change = one.answer(an_act(by), by.name, one.opened_at)
    async with database.transaction() as tx:
        await tx.inquiries.join([Joining(change, message, mail, outgoing=True)])
    return change.after


async def contacts(database: Database, person: int, offset: int = 0, limit: int = 20) -> tuple[list[Contact], int]:
    async with database.snapshot() as tx:
        return await tx.histories.contacts(person, offset, limit)


async def numbers(database: Database, person: int, offset: int = 0, limit: int = 20) -> list[int]:
    return [one.inquiry.number for one in (await contacts(database, person, offset, limit))[0]]


async def test_open_ones_come_first_then_the_newest(database: Database, hana: Agent) -> None:
    old_open, old, new, new_open = await asked(database, 9 * DAY, 8 * DAY, 2 * DAY, DAY)
    [newest] = await asked(database, timedelta(), queue="billing")
    for one in (old, new, newest):
        await resolved(database, one, hana)
    await asked(database, DAY, by="somebody.else")

    found, total = await contacts(database, old.customer.id)

    assert [one.inquiry.number for one in found] == [one.number for one in (new_open, old_open, newest, new, old)]
    assert total == 5
    assert {one.inquiry.queue for one in found} == {"support", "billing"}


async def test_each_contact_is_the_inquiry_whole(database: Database, hana: Agent) -> None:
    one, other = await asked(database, DAY, 2 * DAY)
    held = await saved(database, one.claim(an_act(hana)))
    done = await resolved(database, other, hana, "sent anew")
    found, _ = await contacts(database, one.customer.id)
    assert [contact.inquiry for contact in found] == [held, done]


async def test_what_came_at_one_moment_is_told_by_number(database: Database, hana: Agent) -> None:
    same = await asked(database, DAY, DAY, DAY, DAY)
    for one in same[:2]:
        await resolved(database, one, hana)
    expected = [same[place].number for place in (3, 2, 1, 0)]
    assert await numbers(database, same[0].customer.id) == expected
    assert [await numbers(database, same[0].customer.id, at, 1) for at in range(4)] == [[one] for one in expected]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8])
async def test_pages_hold_each_contact_once_wherever_they_are_cut(database: Database, hana: Agent, limit: int) -> None:
    many = await asked(database, *[n * DAY for n in range(7)])
    for one in many[:7:2]:
        await resolved(database, one, hana)
    person = many[0].customer.id
    expected = [one.number for one in (*many[1:7:2], *many[:7:2])]
    pages = [await numbers(database, person, at, limit) for at in range(0, 7, limit)]
    assert [number for page in pages for number in page] == expected
    assert all(len(page) == limit for page in pages[:-1])


async def test_beyond_the_last_page_there_is_nothing_but_the_count(database: Database, hana: Agent) -> None:
    one, _ = await asked(database, DAY, 2 * DAY)
    assert await contacts(database, one.customer.id, 80, 8) == ([], 2)


async def test_who_never_asked_has_no_contacts(database: Database, hana: Agent) -> None:
    assert await contacts(database, 4711) == ([], 0)
    assert await contacts(database, 4711, 8) == ([], 0)


async def test_thousands_are_not_counted(database: Database, hana: Agent) -> None:
    one, *_ = await asked(database, *[n * DAY for n in range(120)])
    assert (await contacts(database, one.customer.id, 0, 8))[1] == 108
    assert (await contacts(database, one.customer.id, 8, 8))[1] == 116
    assert (await contacts(database, one.customer.id, 16, 8))[1] == 120


async def test_an_answer_is_the_newest_mail_of_ours_before_any_note(database: Database, hana: Agent) -> None:
    one, noted, silent = await asked(database, DAY, 2 * DAY, 3 * DAY)
    one = await answered(database, one, hana, reply_text="We look into it.", text="We look into it.\n> Where is it?")
    one = await answered(database, one, hana, reply_text="It is on\n  its way.", text="It is on its way.\n> Hello?")
    await resolved(database, one, hana, "called the carrier")
    await resolved(database, noted, hana, "refunded\nby card")

    found, _ = await contacts(database, one.customer.id)

    assert {contact.inquiry.number: contact.answer for contact in found} == {
        one.number: "It is on its way.",
        noted.number: "refunded by card",
        silent.number: "",
    }


async def test_what_the_customer_wrote_is_no_answer(database: Database, hana: Agent) -> None:
    [one] = await asked(database, DAY)
    [mail] = await stored_mails(database)
    message = a_message(reply_text="Hello?")
    async with database.transaction() as tx:
        await tx.inquiries.join([Joining(one.receive(message, an_act(None, source="mail")), message, mail)])
    found, _ = await contacts(database, one.customer.id)
    assert [contact.answer for contact in found] == [""]


async def test_a_mail_that_only_quotes_is_told_whole_and_long_ones_are_cut(database: Database, hana: Agent) -> None:
    one, other = await asked(database, DAY, 2 * DAY)
    await answered(database, one, hana, reply_text="", text="> Where is it?\n見本")
    await answered(database, other, hana, reply_text="返" * 5000)
    found, _ = await contacts(database, one.customer.id)
    assert found[0].answer == "> Where is it? 見本"
    assert found[1].answer == "返" * 299 + "…"


async def test_the_how_manieth_contact_counts_the_days_before_it(database: Database, hana: Agent) -> None:
    month = 30 * DAY
    ages = [month * 2, month, month - timedelta(seconds=1), 2 * DAY, 2 * DAY, timedelta()]
    many = await asked(database, *ages)
    await asked(database, DAY, by="somebody.else")
    async with database.snapshot() as tx:
        counted = [await tx.histories.nth(one, 30) for one in many]
    assert counted == [1, 2, 2, 3, 4, 5], "what came exactly so many days before counts as well"


async def test_it_stays_what_it_was(database: Database, hana: Agent) -> None:
    first, second = await asked(database, 3 * DAY, 2 * DAY)
    await resolved(database, first, hana)
    await asked(database, DAY, timedelta())
    async with database.snapshot() as tx:
        assert [await tx.histories.nth(one, 30) for one in (first, second)] == [1, 2]


async def test_an_inquiry_that_is_nowhere_is_the_first(database: Database, hana: Agent) -> None:
    [one] = await asked(database, DAY)
    nobody = replace(one, customer=replace(one.customer, id=4711))
    async with database.snapshot() as tx:
        assert await tx.histories.nth(nobody, 30) == 1


async def test_a_flag_on_any_record_of_a_person_is_told(database: Database, hana: Agent) -> None:
    [one] = await asked(database, DAY, by="one")
    [joined] = await asked(database, DAY, by="joined")
    [other] = await asked(database, DAY, by="other")
    async with database.transaction() as tx:
        record = sa.update(customer).where(customer.c.id == joined.customer.id)
        await tx.session.run(record.values(caution="shouted", merged_into=one.customer.id, person_id=one.customer.id))
        await tx.session.run(
            sa.update(inquiry)
            .where(inquiry.c.customer_id == joined.customer.id)
            .values(customer_id=one.customer.id, record_id=joined.customer.id)
        )
    found, _ = await contacts(database, one.customer.id)
    assert [contact.inquiry.customer.caution for contact in found] == ["shouted", "shouted"]
    assert [contact.inquiry.customer.caution for contact in (await contacts(database, other.customer.id))[0]] == [""]
