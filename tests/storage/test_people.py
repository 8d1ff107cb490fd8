"""The room of people: what is joined and taken out, by whom, and that nothing is lost or joined by itself."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.agent import Agent
from bot.domain.customer import Identity, IdentityKind, Person
from bot.domain.errors import Conflict
from bot.notices import NoticeKind
from bot.ports import Opening, TextKind
from storage.database import Database
from storage.tables import customer, customer_event, inquiry, reindex
from storage.unit import Unit
from tests.builders import SUPPORT, a_message, a_queue, an_act, an_agent, opened, stored_mails
from tests.storage.taking import kinds, save, sent, taken
from tests.support.clock import MORNING, Clock

PHONE = "+819012345678"


async def arrived(database: Database, *addresses: str, **fields: Any) -> list[int]:
    """Persons who wrote, one for each address."""
    return [
        one.customer.id for one in await opened(database, *[a_message(from_address=to, **fields) for to in addresses])
    ]


async def called(database: Database, address: str, name: str = "", text: str = "Hello") -> int:
    """The person of an inquiry that somebody of the team wrote down."""
    async with database.transaction() as tx:
        message = a_message(from_address=address, from_name=name, text=text, reply_text=text)
        return (await tx.inquiries.record("support", message, an_act(None))).customer.id


async def person(database: Database, of: int) -> Person:
    async with database.snapshot() as tx:
        found = await tx.customers.person(of)
    assert found is not None
    return found


async def merged(database: Database, gone: int, kept: int, by: Agent | None = None) -> None:
    async with database.transaction() as tx:
        await tx.customers.merge(gone, kept, an_act(by))


async def parted(database: Database, record: int) -> None:
    async with database.transaction() as tx:
        await tx.customers.split(record, an_act(None))


async def rows(database: Database, query: sa.Executable) -> list[Any]:
    async with database.snapshot() as tx:
        return list(await tx.session.run(query))


# --- who somebody is ----------------------------------------------------------------------------------------


async def test_a_person_is_found_by_what_they_are_known_by(database: Database) -> None:
    await a_queue(database)
    [ito] = await arrived(database, "Ito@example.com")
    aki = await called(database, PHONE, "Aki")
    async with database.snapshot() as tx:
        assert await tx.customers.by_identity(Identity(IdentityKind.MAIL, "ito@example.com")) == ito
        assert await tx.customers.by_identity(Identity(IdentityKind.PHONE, PHONE)) == aki
        assert await tx.customers.by_identity(Identity(IdentityKind.MAIL, PHONE)) is None
        assert await tx.customers.by_identity(Identity(IdentityKind.PHONE, "+81312345678")) is None
        assert await tx.customers.person(10_000) is None


async def test_a_number_in_a_mails_from_is_nobodys_number(database: Database) -> None:
    """Anybody can write that; what the team noted down itself is the control."""
    await a_queue(database)
    aki = await called(database, PHONE, "Aki")
    [stranger] = await arrived(database, PHONE)
    assert stranger != aki
    assert await called(database, PHONE) == aki


async def test_whoever_was_erased_is_nobody(database: Database) -> None:
    await a_queue(database)
    [ito] = await arrived(database, "ito@example.com")
    async with database.transaction() as tx:
        await tx.session.run(sa.update(customer).where(customer.c.id == ito).values(erased_at=MORNING))
    async with database.snapshot() as tx:
        assert await tx.customers.person(ito) is None
        assert await tx.customers.by_identity(Identity(IdentityKind.MAIL, "ito@example.com")) is None


async def test_what_is_written_down_is_kept_with_who_did_it(database: Database) -> None:
    await a_queue(database)
    hana = await an_agent(database)
    [ito] = await arrived(database, "ito@example.com")
    async with database.transaction() as tx:
        await tx.customers.describe(ito, "伊藤 亜紀", "いとう あき", "ja", ["VIP", "卸", "VIP"], an_act(hana))
        await tx.customers.caution(ito, "Calls at night", an_act(hana, 1))
        await tx.customers.note(ito, "First note", an_act(hana, 2))
        await tx.customers.note(ito, "Second note", an_act(None, 3))
    known = await person(database, ito)
    assert (known.name, known.kana, known.language) == ("伊藤 亜紀", "いとう あき", "ja")
    assert (known.tags, known.caution) == (("VIP", "卸"), "Calls at night")
    assert [(one.text, one.agent and one.agent.name) for one in known.notes] == [
        ("Second note", None),
        ("First note", "Hana"),
    ]
    assert known.notes[1].at == MORNING + timedelta(minutes=2)
    told = await rows(database, sa.select(customer_event).order_by(customer_event.c.id))
    assert [(one.kind, one.agent_id) for one in told] == [
        ("described", hana.id),
        ("cautioned", hana.id),
        ("noted", hana.id),
        ("noted", None),
    ]
    waiting = {(one.kind, one.ref) for one in await rows(database, sa.select(reindex))}
    assert {(TextKind.CUSTOMER.value, ito), *((TextKind.NOTE.value, one.id) for one in known.notes)} <= waiting


async def test_what_is_taken_away_is_gone_from_every_record(database: Database) -> None:
    await a_queue(database)
    ito, aki = await arrived(database, "ito@example.com", "aki@example.com")
    async with database.transaction() as tx:
        await tx.customers.describe(aki, "Aki", "あき", "ja", ["old", "kept"], an_act(None))
        await tx.customers.caution(aki, "Calls at night", an_act(None))
        await tx.customers.merge(aki, ito, an_act(None))
        await tx.customers.caution(ito, "Pays late", an_act(None))
    before = await person(database, ito)
    assert (before.kana, before.caution) == ("あき", "Pays late / Calls at night")
    async with database.transaction() as tx:
        await tx.customers.describe(ito, before.name, "", "", ["kept", "new"], an_act(None))
        await tx.customers.caution(ito, "", an_act(None))
    after = await person(database, ito)
    assert (after.name, after.kana, after.language, after.caution) == (before.name, "", "", "")
    assert sorted(after.tags) == ["kept", "new"]
    await parted(database, aki)
    assert (await person(database, aki)).tags == ("kept",)
    assert (await person(database, ito)).tags == ("new",)


# --- joined and taken out -----------------------------------------------------------------------------------


async def test_two_records_are_one_person_until_they_are_split(database: Database) -> None:
    await a_queue(database)
    hana = await an_agent(database)
    ito, aki = await arrived(database, "ito@example.com", "aki@example.com")
    await merged(database, aki, ito, hana)
    one = await person(database, aki)
    assert one == await person(database, ito)
    assert [(record.id, record.merged_into) for record in one.records] == [(ito, None), (aki, ito)]
    assert [identity.value for identity in one.identities] == ["ito@example.com", "aki@example.com"]
    [again] = await opened(database, a_message(from_address="AKI@example.com"))
    assert again.customer.id == ito
    [row] = await rows(database, sa.select(inquiry).where(inquiry.c.number == again.number))
    assert (row.customer_id, row.record_id) == (ito, aki)
    [event] = await rows(database, sa.select(customer_event))
    assert (event.kind, event.customer_id, event.details, event.agent_id) == ("merged", aki, {"into": ito}, hana.id)

    await parted(database, aki)
    assert [record.id for record in (await person(database, aki)).records] == [aki]
    assert [record.id for record in (await person(database, ito)).records] == [ito]
    came = {(row.number, row.customer_id, row.record_id) for row in await rows(database, sa.select(inquiry))}
    assert came == {(1001, ito, None), (1002, aki, None), (again.number, aki, None)}


async def test_a_joined_persons_name_and_flag_are_on_their_inquiries(database: Database) -> None:
    await a_queue(database)
    [nameless] = await arrived(database, "ito@example.com", from_name="")
    aki = await called(database, PHONE, "Aki")
    async with database.transaction() as tx:
        await tx.customers.caution(aki, "Calls at night", an_act(None))
    await merged(database, aki, nameless)
    [again] = await opened(database, a_message(from_address="ito@example.com", from_name="Other"))
    assert (again.customer.name, again.customer.caution) == ("Aki", "Calls at night")
    async with database.snapshot() as tx:
        assert (await tx.inquiries.all_of([again.number]))[again.number].customer == again.customer


async def test_cards_of_open_inquiries_follow_and_those_of_resolved_ones_need_not(database: Database) -> None:
    await a_queue(database, "support", SUPPORT)
    hana = await an_agent(database)
    first, second, third = await opened(
        database, a_message(from_address="a@example.com"), a_message(from_address="b@example.com"), a_message()
    )
    await save(database, third.resolve("done", an_act(hana)))

    async def drawn() -> list[int]:
        found = await taken(database, SUPPORT)
        for one in found:
            await sent(database, one)
        assert {kind for kind, _ in kinds(found)} <= {NoticeKind.CARD}
        return sorted(number for _, number in kinds(found))

    assert await drawn() == [first.number, second.number, third.number]
    await merged(database, second.customer.id, first.customer.id)
    assert await drawn() == [first.number, second.number]
    async with database.transaction() as tx:
        await tx.customers.caution(first.customer.id, "Calls at night", an_act(None))
    assert await drawn() == [first.number, second.number]
    await parted(database, second.customer.id)
    assert await drawn() == [first.number, second.number]
    async with database.transaction() as tx:
        await tx.customers.describe(second.customer.id, "B", "", "", [], an_act(None))
        await tx.customers.caution(third.customer.id, "Calls at night", an_act(None))
    assert await drawn() == [second.number]


async def test_how_many_came_by_a_record(database: Database) -> None:
    await a_queue(database)
    ito, aki, ken = await arrived(database, "ito@example.com", "aki@example.com", "ken@example.com")
    await arrived(database, "aki@example.com")
    await merged(database, ken, aki)
    await merged(database, aki, ito)
    async with database.snapshot() as tx:
        assert await tx.customers.came_by([aki, ken]) == 3
        assert await tx.customers.came_by([ken]) == 1


async def test_only_persons_are_joined_and_only_joined_records_split(database: Database) -> None:
    await a_queue(database)
    ito, aki, ken = await arrived(database, "ito@example.com", "aki@example.com", "ken@example.com")
    await merged(database, aki, ito)
    for gone, kept in ((aki, ken), (ken, aki), (ken, 10_000)):
        with pytest.raises(Conflict):
            await merged(database, gone, kept)
    with pytest.raises(ValueError, match="themselves"):
        await merged(database, ito, ito)
    for record in (ito, ken, 10_000):
        with pytest.raises(Conflict):
            await parted(database, record)


async def test_a_flood_is_counted_by_record_also_of_who_was_joined(database: Database) -> None:
    await a_queue(database)
    ito, aki = await arrived(database, "ito@example.com", "aki@example.com")
    await merged(database, aki, ito)
    await arrived(database, "aki@example.com")
    async with database.snapshot() as tx:
        recent = await tx.inquiries.recent("support", ["ito@example.com", "aki@example.com"], MORNING)
    assert {address: one.count for address, one in recent.items()} == {"ito@example.com": 1, "aki@example.com": 2}


# --- at the same moment -------------------------------------------------------------------------------------


async def _tries(database: Database, ready: asyncio.Barrier, gone: int, kept: int) -> str:
    try:
        async with database.transaction() as tx:
            assert (await tx.customers.person(gone), await tx.customers.person(kept)) != (None, None)
            await ready.wait()
            await tx.customers.merge(gone, kept, an_act(None))
    except Conflict:
        return "conflict"
    return "merged"


@pytest.mark.parametrize("is_chain", [False, True], ids=["each other", "a chain"])
async def test_two_who_join_the_same_people_at_once_end_in_one_order(on_postgresql: Database, is_chain: bool) -> None:
    await a_queue(on_postgresql)
    ito, aki, ken = await arrived(on_postgresql, "ito@example.com", "aki@example.com", "ken@example.com")
    ready = asyncio.Barrier(2)
    outcomes = await asyncio.gather(
        _tries(on_postgresql, ready, ito, aki), _tries(on_postgresql, ready, aki, ken if is_chain else ito)
    )
    assert sorted(outcomes) == ["conflict", "merged"]
    joined = {one.id: one.merged_into for one in await rows(on_postgresql, sa.select(customer)) if one.merged_into}
    assert len(joined) == 1


@pytest.mark.parametrize("is_first", [True, False], ids=["the mail first", "the merge first"])
async def test_mail_that_arrives_while_its_sender_is_joined_is_the_persons(
    on_postgresql: Database, is_first: bool
) -> None:
    await a_queue(on_postgresql)
    ito, aki = await arrived(on_postgresql, "ito@example.com", "aki@example.com")
    [mail] = await stored_mails(on_postgresql)
    opening = Opening("support", a_message(from_address="aki@example.com"), MORNING, mail)
    done = asyncio.Event()

    async def arrives(tx: Unit) -> None:
        await tx.inquiries.open([opening])

    async def joins(tx: Unit) -> None:
        await tx.customers.merge(aki, ito, an_act(None))

    async def holds_on(work: Any) -> None:
        async with on_postgresql.transaction() as tx:
            await work(tx)
            done.set()
            await asyncio.sleep(0.2)  # room for the other to run into our locks

    async def comes_second(work: Any) -> None:
        await done.wait()
        try:
            async with on_postgresql.transaction() as tx:
                await work(tx)
        except Conflict:  # as dispatch and intake do
            async with on_postgresql.transaction() as tx:
                await work(tx)

    first, second = (arrives, joins) if is_first else (joins, arrives)
    await asyncio.gather(holds_on(first), comes_second(second))
    came = {(one.customer_id, one.record_id) for one in await rows(on_postgresql, sa.select(inquiry))}
    assert came == {(ito, None), (ito, aki)}


# --- who may be the same ------------------------------------------------------------------------------------


async def _suggested(database: Database, of: int) -> list[tuple[int, str]]:
    async with database.transaction() as tx:
        while await tx.search.catch_up(100):
            pass
    async with database.snapshot() as tx:
        return [(one.person, one.why) for one in await tx.customers.suggestions(of, "JP", 5)]


async def test_names_that_are_written_alike_are_suggested(database: Database) -> None:
    await a_queue(database)
    one = await called(database, "", "髙橋 花子")
    other = await called(database, "", "高橋花子")
    await called(database, "", "高橋 花江")
    kana = await called(database, "", "タカハシ ハナコ")
    async with database.transaction() as tx:
        await tx.customers.describe(one, "髙橋 花子", "たかはし はなこ", "", [], an_act(None))
    assert sorted(await _suggested(database, one)) == [(other, "name"), (kana, "name")]
    assert await _suggested(database, other) == [(one, "name")]
    await merged(database, other, one)
    assert await _suggested(database, one) == [(kana, "name")]


async def test_a_number_in_a_text_suggests_both_ways_and_joins_nobody(database: Database) -> None:
    await a_queue(database)
    aki = await called(database, PHONE, "Aki")
    text = "お電話は０９０−１２３４−５６７８までお願いします。"
    [writer] = await arrived(database, "ito@example.com", from_name="Ito", text=text, reply_text=text)
    assert await _suggested(database, writer) == [(aki, "phone")]
    assert await _suggested(database, aki) == [(writer, "phone")]
    assert writer != aki


async def test_erased_ones_are_never_suggested(database: Database) -> None:
    await a_queue(database)
    one, other = await called(database, "", "高橋花子"), await called(database, "", "高橋花子")
    assert await _suggested(database, one) == [(other, "name")]
    async with database.transaction() as tx:
        await tx.session.run(sa.update(customer).where(customer.c.id == other).values(erased_at=MORNING))
    assert await _suggested(database, one) == []


# --- any history --------------------------------------------------------------------------------------------

ADDRESSES = ["a@example.com", "b@example.com", "c@example.com", "d@example.com", PHONE, "+81312345678"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "arrive", "merge", "merge", "merge", "split", "note", "tag"]),
        st.integers(0, len(ADDRESSES) - 1),
        st.integers(0, len(ADDRESSES) - 1),
    ),
    max_size=30,
)


@dataclass
class Model:
    """The slow and obvious way: each record keeps what is its own, and a person is looked for by walking up."""

    records: dict[str, int] = field(default_factory=dict)
    parent: dict[int, int] = field(default_factory=dict)
    inquiries: list[tuple[int, int]] = field(default_factory=list)
    notes: list[tuple[str, int]] = field(default_factory=list)
    tags: list[tuple[str, int]] = field(default_factory=list)

    def root(self, record: int) -> int:
        while record in self.parent:
            record = self.parent[record]
        return record

    def of(self, root: int) -> set[int]:
        return {one for one in self.records.values() if self.root(one) == root}


class Over(Exception):
    """A history has been compared: rolls it back."""


async def _lived(tx: Unit, model: Model, step: tuple[str, int, int], count: int) -> None:
    kind, one, other = step
    address = ADDRESSES[one]
    first, second = model.records.get(address), model.records.get(ADDRESSES[other])
    if kind == "arrive":
        opened_ = await tx.inquiries.record("support", a_message(from_address=address, from_name=""), an_act(None))
        if first is None:
            first = model.records[address] = opened_.customer.id
        assert opened_.customer.id == model.root(first)
        model.inquiries.append((opened_.number, first))
    elif first is None:
        return
    elif kind == "merge" and second is not None and model.root(first) != model.root(second):
        gone, kept = model.root(first), model.root(second)
        await tx.customers.merge(gone, kept, an_act(None))
        model.parent[gone] = kept
    elif kind == "split" and first in model.parent:
        await tx.customers.split(first, an_act(None))
        del model.parent[first]
    elif kind == "note":
        await tx.customers.note(first, f"note {count}", an_act(None, count))
        model.notes.append((f"note {count}", model.root(first)))
    elif kind == "tag":
        known = await tx.customers.person(first)
        assert known is not None
        await tx.customers.describe(first, known.name, "", "", [*known.tags, f"tag {count}"], an_act(None))
        model.tags.append((f"tag {count}", model.root(first)))


async def _compared(tx: Unit, model: Model) -> None:
    by_number = {row.number: (row.customer_id, row.record_id) for row in await tx.session.run(sa.select(inquiry))}
    for number, record in model.inquiries:
        root = model.root(record)
        assert by_number.pop(number) == (root, record if record != root else None)
    assert not by_number
    for address, record in model.records.items():
        mine = model.of(model.root(record))
        known = await tx.customers.person(record)
        assert known is not None
        assert known.id == model.root(record)
        assert {one.id: one.merged_into for one in known.records} == {one: model.parent.get(one) for one in mine}
        assert {one.value for one in known.identities} == {to for to, one in model.records.items() if one in mine}
        assert [one.text for one in known.notes] == [text for text, one in reversed(model.notes) if one in mine]
        assert sorted(known.tags) == sorted(text for text, one in model.tags if one in mine)
        kind = IdentityKind.MAIL if "@" in address else IdentityKind.PHONE
        assert await tx.customers.by_identity(Identity(kind, address)) == known.id


async def _history(url: str, steps: list[tuple[str, int, int]]) -> None:
    database = Database(url, Clock())
    try:
        async with database.transaction() as tx:
            await tx.queues.add("support", "en", "UTC")
            model = Model()
            for count, step in enumerate(steps):
                await _lived(tx, model, step, count)
            await _compared(tx, model)
            for record in sorted(model.parent, reverse=True):
                await tx.customers.split(record, an_act(None))
            model.parent.clear()
            await _compared(tx, model)
            raise Over
    except Over:
        pass
    finally:
        await database.close()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_joined_and_split_everything_stays_with_its_record(sqlite_url: str, steps: Any) -> None:
    asyncio.run(_history(sqlite_url, steps))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_same_on_postgresql(postgres_url: str, steps: Any) -> None:
    asyncio.run(_history(postgres_url, steps))
