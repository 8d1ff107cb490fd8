"""Prepared advice in the store: kept whole, at its version, and what is known of a call that it asks for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.agent import Agent
from bot.domain.calling import hung_up
from bot.domain.customer import Identity, IdentityKind
from bot.domain.errors import Conflict
from bot.domain.inquiry import Inquiry
from bot.domain.phone import Began, Caller, Ended, PhoneCall, Voice
from bot.domain.prepared import Facts, PreparedAdvice
from storage.database import Database
from tests.builders import a_message, an_act, an_agent, opened
from tests.support.clock import MORNING

RULE = PreparedAdvice(id=0, name="Recall", text="Offer a new one.\nNo form is needed.")
LATER = MORNING + timedelta(minutes=5)


async def kept(database: Database, rule: PreparedAdvice, by: Agent, seen: int = 0) -> PreparedAdvice:
    async with database.transaction() as tx:
        return await tx.prepared.keep(rule, seen, by, MORNING)


async def facts_of(database: Database, call: PhoneCall) -> Facts:
    async with database.transaction() as tx:
        one = await tx.phone.keep(call)
        return (await tx.prepared.facts([one.id]))[one.id]


async def test_a_rule_is_kept_whole(database: Database, hana: Agent) -> None:
    minutes = timedelta(minutes=5)
    whole = replace(RULE, owner=hana, words=("返金", "late"), labels=("VIP",), caution=True, longer_than=minutes)
    bare = replace(RULE, name="Bare")
    for rule in (whole, bare):
        await kept(database, rule, hana)
    async with database.snapshot() as tx:
        found = await tx.prepared.all()
    assert [one.id > 0 for one in found] == [True, True]
    assert [replace(one, id=0) for one in found] == [bare, whole], "by name"


async def test_only_what_is_on_and_not_removed_speaks(database: Database, hana: Agent) -> None:
    on = await kept(database, replace(RULE, name="on", is_on=True), hana)
    gone = await kept(database, replace(RULE, name="gone", is_on=True), hana)
    off = await kept(database, replace(RULE, name="off"), hana)
    async with database.transaction() as tx:
        await tx.prepared.remove(gone.id, hana, MORNING)
    async with database.snapshot() as tx:
        assert await tx.prepared.on() == [on]
        assert await tx.prepared.all() == [off, on]
        assert await tx.prepared.of([gone.id]) == [replace(gone, is_on=False)], "what it said is counted still"
        assert await tx.prepared.of([]) == []
        assert [await tx.prepared.version(one.id) for one in (on, gone)] == [1, 0]
        assert await tx.prepared.version(999) == 0


async def test_who_saw_an_older_version_changes_nothing(database: Database, hana: Agent) -> None:
    ken = await an_agent(database, "Ken")
    one = await kept(database, RULE, hana)
    await kept(database, replace(one, text="Offer a refund."), ken, seen=1)
    for seen in (1, 3):
        with pytest.raises(Conflict):
            await kept(database, replace(one, text="Offer nothing."), hana, seen=seen)
    async with database.snapshot() as tx:
        [found] = await tx.prepared.all()
        standing = (await tx.prepared.standings([one.id]))[one.id]
    assert found.text == "Offer a refund."
    assert (standing.version, standing.by, standing.at) == (2, ken, MORNING)


async def test_what_was_removed_does_not_come_back(database: Database, hana: Agent) -> None:
    one = await kept(database, RULE, hana)
    async with database.transaction() as tx:
        await tx.prepared.remove(one.id, hana, LATER)
    for seen in (1, 2):
        with pytest.raises(Conflict):
            await kept(database, replace(one, is_on=True), hana, seen=seen)


# --- what is known of a call ------------------------------------------------------------------------------------------


async def test_subject_notes_tags_and_caution_of_the_inquiry_and_of_all_records_of_the_caller(
    database: Database, inquiry: Inquiry, hana: Agent
) -> None:
    (other,) = await opened(database, a_message(from_address="second@example.com", from_name=""))
    person, second = inquiry.customer.id, other.customer.id
    async with database.transaction() as tx:
        await tx.customers.describe(person, "Ms Ito", "", "", ["vip"], an_act(hana))
        await tx.customers.note(person, "Calls about refunds", an_act(hana))
        await tx.customers.note(second, "Has two cats", an_act(hana))
        await tx.customers.caution(second, "Shouts", an_act(hana))
        await tx.customers.merge(second, person, an_act(hana))
        found = await tx.inquiries.get(inquiry.number)
        assert found
        change = hung_up(found, an_act(hana), 1, None, None, "Wants her money back")
        await tx.inquiries.save(change)
    began = Began(MORNING, Voice.HAND, Caller("", person))
    facts = await facts_of(database, PhoneCall(agent=hana, reports=frozenset([began]), inquiry=inquiry.number))
    texts = {inquiry.subject, "Wants her money back", "Calls about refunds", "Has two cats"}
    assert (set(facts.texts), facts.labels, facts.caution) == (texts, frozenset({"vip"}), True)


async def test_who_calls_counts_and_not_whose_inquiry_it_is(database: Database, inquiry: Inquiry, hana: Agent) -> None:
    (other,) = await opened(database, a_message(from_address="aki@example.com", from_name="Aki"))
    async with database.transaction() as tx:
        await tx.customers.caution(inquiry.customer.id, "Shouts", an_act(hana))
        assert await tx.customers.by_identity(Identity(IdentityKind.MAIL, "aki@example.com")) == other.customer.id
    caller = Caller("", other.customer.id)
    call = PhoneCall(agent=hana, reports=frozenset([Began(MORNING, Voice.HAND, caller)]), inquiry=inquiry.number)
    assert not (await facts_of(database, call)).caution
    unknown = PhoneCall(agent=hana, reports=frozenset([Began(LATER, Voice.HAND)]), inquiry=inquiry.number)
    assert (await facts_of(database, unknown)).caution, "nobody else is known: the inquiry's customer"


async def test_of_a_call_without_anything_nothing_is_known(database: Database, hana: Agent) -> None:
    call = PhoneCall(agent=hana, reports=frozenset([Began(MORNING, Voice.HAND)]))
    assert await facts_of(database, call.hearing(Ended(LATER, Voice.HAND))) == Facts()
    async with database.snapshot() as tx:
        assert await tx.prepared.facts([]) == {}
