"""Phone calls in the store: kept as they were told, found by what follows, and said once a place."""

import asyncio
import json
from datetime import UTC, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.agent import Agent
from bot.domain.identity import Identity, IdentityKind
from bot.domain.inquiry import Inquiry
from bot.domain.phone import Began, Caller, Continued, Ended, Line, Outcome, PhoneCall, Report, Voice
from bot.ports import Handle, Place
from storage.call_reports import read, written
from storage.database import Database
from storage.tables import outbox
from tests.builders import a_message, a_queue, an_act, an_agent, opened
from tests.support.clock import MORNING

MINUTE = timedelta(minutes=1)
NUMBER = "+819012345678"
BOARD = Place("workspace", "supervisors")
ITO = Identity(IdentityKind.MAIL, "ito@example.com")

ZONES = st.sampled_from([UTC, timezone(9 * 60 * MINUTE), timezone(-MINUTE)])
AT = st.builds(
    lambda by, zone: (MORNING + by).astimezone(zone), st.timedeltas(timedelta(-9999), timedelta(9999)), ZONES
)
BY = st.sampled_from(Voice)
LENGTHS = st.none() | st.timedeltas(timedelta(), timedelta(days=8))
CALLERS = st.builds(Caller, st.sampled_from(["", NUMBER]), st.none() | st.integers(1, 10**6))
REPORTS = st.frozensets(
    st.builds(Began, AT, BY, CALLERS)
    | st.builds(Continued, AT, BY)
    | st.builds(Ended, AT, BY, LENGTHS, st.none() | st.sampled_from(Outcome))
)


def began(minutes: int = 0, by: Voice = Voice.HAND, number: str = "", customer: int | None = None) -> Began:
    return Began(MORNING + minutes * MINUTE, by, Caller(number, customer))


def ended(minutes: int, by: Voice = Voice.HAND) -> Ended:
    return Ended(MORNING + minutes * MINUTE, by)


async def kept(
    database: Database, agent: Agent, *reports: Report, line: Line | None = None, inquiry: int | None = None
) -> PhoneCall:
    """A new call in the store, of which this was told."""
    async with database.transaction() as tx:
        await tx.phone.lock(agent.id)
        return await tx.phone.keep(PhoneCall(agent=agent, reports=frozenset(reports), line=line, inquiry=inquiry))


async def said(database: Database) -> list[tuple[str, str, int]]:
    """Key, kind and revision of each message that is not about an inquiry's card."""
    async with database._reader.connect() as connection:
        query = sa.select(outbox.c.key, outbox.c.kind, outbox.c.revision).where(outbox.c.kind != "card")
        return [tuple(row) for row in (await connection.execute(query.order_by(outbox.c.id))).all()]


@given(REPORTS)
def test_what_was_told_is_read_as_it_was_written(reports: frozenset[Report]) -> None:
    rows = written(reports)
    assert read(json.loads(json.dumps(rows))) == reports
    assert written(read(rows)) == rows


def test_what_was_never_told_is_not_read() -> None:
    with pytest.raises(ValueError, match="humming"):
        read([{"is": "humming", "at": MORNING.isoformat(), "by": "hand"}])


async def test_a_call_is_kept_whole(database: Database, hana: Agent, inquiry: Inquiry) -> None:
    line = Line("twilio", "CA1")
    told = (began(0, Voice.TELEPHONY, NUMBER, inquiry.customer.id), ended(9))
    one = await kept(database, hana, *told, line=line, inquiry=inquiry.number)
    assert one.id
    async with database.snapshot() as tx:
        assert await tx.phone.get(one.id) == one
        assert await tx.phone.get(one.id + 1) is None
        assert await tx.phone.of_line(line) == [one]
        assert await tx.phone.of_line(Line("telephony", "CA1")) == []
        assert await tx.phone.of_inquiry(inquiry.number) == [one]


async def test_what_is_told_later_takes_its_place(database: Database, hana: Agent) -> None:
    one = await kept(database, hana, began())
    async with database.transaction() as tx:
        again = await tx.phone.keep(one.hearing(ended(5)))
    async with database.snapshot() as tx:
        assert await tx.phone.get(one.id) == again
        assert await tx.phone.live() == []


async def test_the_agent_is_who_they_are_now(database: Database, hana: Agent) -> None:
    one = await kept(database, hana, began())
    async with database.transaction() as tx:
        await tx.agents.describe(hana.id, "Hana Mori", "ja", "Asia/Tokyo")
    async with database.snapshot() as tx:
        found = await tx.phone.get(one.id)
    assert found
    assert found.agent.name == "Hana Mori"


async def test_a_line_has_one_call_for_each_agent(database: Database, hana: Agent) -> None:
    ken, line = await an_agent(database, "Ken"), Line("twilio", "CA1")
    calls = [await kept(database, one, began(), line=line) for one in (hana, ken)]
    async with database.snapshot() as tx:
        assert await tx.phone.of_line(line) == calls


async def test_recent_ones_go_on_or_began_since(database: Database, hana: Agent) -> None:
    await kept(database, hana, began(0), ended(5))
    going_on, lately = await kept(database, hana, began(1)), await kept(database, hana, began(20), ended(21))
    await kept(database, await an_agent(database, "Ken"), began(20))
    await kept(database, hana, ended(20))
    async with database.snapshot() as tx:
        assert await tx.phone.recent(hana.id, MORNING + 10 * MINUTE) == [going_on, lately]


async def test_who_is_on_the_phone(database: Database, hana: Agent) -> None:
    ken, emma = await an_agent(database, "Ken"), await an_agent(database, "Emma")
    later, first = await kept(database, hana, began(5)), await kept(database, ken, began(2))
    await kept(database, emma, began(1), ended(3))
    async with database.transaction() as tx:
        await tx.phone.asked(first.id, MORNING + 30 * MINUTE)
    async with database.snapshot() as tx:
        live = await tx.phone.live()
        assert [one.call for one in live] == [first, later]
        assert [one.asked_at for one in live] == [MORNING + 30 * MINUTE, None]
        assert await tx.phone.live_of([hana.id, emma.id]) == {hana.id: later}
        assert await tx.phone.live_of([]) == {}


async def test_the_calls_of_a_person_are_those_of_all_their_records(database: Database, hana: Agent) -> None:
    await a_queue(database)
    first, second = await opened(database, a_message(), a_message(from_address="aki@example.com"))
    one = await kept(database, hana, began(0, customer=first.customer.id), ended(1))
    two = await kept(database, hana, began(9, customer=second.customer.id), ended(10))
    async with database.transaction() as tx:
        await tx.customers.merge(second.customer.id, first.customer.id, an_act(hana))
    async with database.snapshot() as tx:
        person = await tx.customers.by_identity(ITO)
        assert person
        assert await tx.phone.of_person(person, 10) == [two, one]
        assert await tx.phone.of_person(person, 1) == [two]


async def test_the_calls_about_an_inquiry_begin_with_the_newest(
    database: Database, hana: Agent, inquiry: Inquiry
) -> None:
    calls = [await kept(database, hana, began(at), ended(at + 1), inquiry=inquiry.number) for at in (5, 1, 9)]
    async with database.snapshot() as tx:
        assert await tx.phone.of_inquiry(inquiry.number) == [calls[2], calls[0], calls[1]]


# --- whose telephone ----------------------------------------------------------------------------------------


async def test_a_telephone_is_one_persons(database: Database, hana: Agent) -> None:
    ken = await an_agent(database, "Ken")
    async with database.transaction() as tx:
        await tx.phone.give_extension("Client:Hana", hana.id)
        await tx.phone.give_extension("201", hana.id)
    async with database.transaction() as tx:
        assert await tx.phone.agent_at("CLIENT:hana ") == hana
        assert await tx.phone.extensions(hana.id) == ["201", "client:hana"]
        await tx.phone.give_extension("201", ken.id)
        assert await tx.phone.agent_at("201") == ken
        assert await tx.phone.extensions(hana.id) == ["client:hana"]
        assert await tx.phone.take_extension("201")
        assert not await tx.phone.take_extension("201")
        assert await tx.phone.agent_at("201") is None


async def test_who_has_left_has_no_telephone(database: Database, hana: Agent) -> None:
    async with database.transaction() as tx:
        await tx.phone.give_extension("201", hana.id)
        await tx.agents.enrol(Handle("workspace", "hana"), "Hana", None, "en", "UTC")
        assert await tx.phone.agent_at("201") is None


async def test_who_joins_another_handle_brings_calls_and_telephone(database: Database, hana: Agent) -> None:
    other, line = await an_agent(database, "H", platform="slack"), Line("twilio", "CA1")
    theirs, passed_on = [await kept(database, one, began(), line=line) for one in (hana, other)]
    async with database.transaction() as tx:
        await tx.phone.give_extension("201", other.id)
        await tx.agents.join(hana, Handle("slack", "h"), other)
    async with database.snapshot() as tx:
        assert await tx.phone.agent_at("201") == hana
        assert await tx.phone.of_line(line) == [theirs]
        moved = await tx.phone.get(passed_on.id)
        assert moved
        assert (moved.agent, moved.line) == (hana, None)


# --- what is said -------------------------------------------------------------------------------------------


async def test_its_agent_is_told_by_one_message(database: Database, hana: Agent, inquiry: Inquiry) -> None:
    one = await kept(database, hana, began(), inquiry=inquiry.number)
    for _ in range(2):
        async with database.transaction() as tx:
            await tx.phone.say(one)
    assert await said(database) == [(f"call{one.id}:workspace:@hana", "call", 2)]
    async with database.transaction() as tx:
        [sending] = await tx.outbox.take(Place("workspace", "@hana"), "me", MINUTE, 9)
    assert (sending.number, sending.version, sending.agent) == (inquiry.number, one.id, hana.id)


async def test_who_has_left_is_told_nothing(database: Database, hana: Agent) -> None:
    one = await kept(database, hana, began())
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("workspace", "hana"), "Hana", None, "en", "UTC")
        await tx.phone.say(one)
        await tx.phone.say_check(one, MORNING)
    assert await said(database) == []


async def test_who_links_another_platform_while_they_talk_is_told_in_the_same_place(
    database: Database, hana: Agent
) -> None:
    """Else what stands there would look as if the call went on for ever."""
    one = await kept(database, hana, began())
    async with database.transaction() as tx:
        await tx.phone.say(one)
        await tx.agents.join(hana, Handle("discord", "71"), None)
        await tx.phone.say(one)
    assert await said(database) == [(f"call{one.id}:workspace:@hana", "call", 2)]
    two = await kept(database, hana, began(20))
    async with database.transaction() as tx:
        await tx.phone.say(two)
    assert (f"call{two.id}:discord:@71", "call", 1) in await said(database)


async def test_each_question_is_a_message_of_its_own(database: Database, hana: Agent) -> None:
    one = await kept(database, hana, began())
    for at in (MORNING, MORNING, MORNING + 30 * MINUTE):
        async with database.transaction() as tx:
            await tx.phone.say_check(one, at)
    first, second = (int(at.timestamp()) for at in (MORNING, MORNING + 30 * MINUTE))
    assert await said(database) == [
        (f"check{one.id}.{first}:workspace:@hana", "call_check", 2),
        (f"check{one.id}.{second}:workspace:@hana", "call_check", 1),
    ]


async def test_boards_follow_every_call(database: Database, hana: Agent) -> None:
    async with database.transaction() as tx:
        assert await tx.phone.show_board(BOARD)
        assert not await tx.phone.show_board(BOARD)
        assert await tx.phone.boards() == [BOARD]
    one = await kept(database, hana, began())
    async with database.transaction() as tx:
        await tx.phone.say(one)
        await tx.phone.say_boards()
    assert ("board:workspace:supervisors", "board", 2) in await said(database)


async def test_who_holds_up_their_commit_holds_up_no_board(on_postgresql: Database) -> None:
    """All that happens on any call is said on the boards: nobody waits there for what else another does."""
    async with on_postgresql.transaction() as tx:
        await tx.phone.show_board(BOARD)
    async with on_postgresql.transaction() as slow:
        await slow.phone.say_boards()
        async with on_postgresql.transaction() as tx:
            await tx.session.run(sa.text("SET LOCAL lock_timeout = '200ms'"))
            await tx.phone.say_boards()
    assert await said(on_postgresql) == [("board:workspace:supervisors", "board", 3)]


async def test_a_board_that_is_taken_away_is_drawn_once_more_and_not_again(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.phone.show_board(BOARD)
        assert await tx.phone.hide_board(BOARD)
        assert not await tx.phone.hide_board(BOARD)
        await tx.phone.say_boards()
        assert await tx.phone.boards() == []
    assert await said(database) == [("board:workspace:supervisors", "board", 2)]


async def test_what_somebody_took_away_does_not_come_back_by_itself(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.phone.show_board(BOARD, True)
        assert not await tx.phone.show_board(BOARD, True)
        await tx.phone.hide_board(BOARD)
        assert not await tx.phone.show_board(BOARD, True)
        assert await tx.phone.boards() == []
        assert await tx.phone.show_board(BOARD)


async def test_a_board_is_known_by_its_message(database: Database) -> None:
    posted = sa.update(outbox).values(posted_in="C7", message="1.5")
    async with database.transaction() as tx:
        await tx.phone.show_board(BOARD)
        await tx.phone.say_boards()
        await tx.session.run(posted)
        assert await tx.phone.board_at("workspace", "C7", "1.5")
        assert await tx.phone.board_at("workspace", "supervisors", "1.5")
        assert not await tx.phone.board_at("workspace", "C8", "1.5")
        assert not await tx.phone.board_at("slack", "C7", "1.5")
        assert not await tx.phone.board_at("workspace", "C7", "1.6")
        await tx.session.run(sa.update(outbox).values(key="card:1001:workspace:supervisors"))
        assert not await tx.phone.board_at("workspace", "C7", "1.5")


# --- one at a time ------------------------------------------------------------------------------------------


async def test_nobody_else_works_on_somebodys_calls(database: Database, hana: Agent) -> None:
    """Each of ten adds a report to what it found: none is lost, as each waits for those before it."""
    one = await kept(database, hana, began())

    async def hear(minutes: int) -> None:
        async with database.transaction() as tx:
            await tx.phone.lock(hana.id)
            found = await tx.phone.get(one.id)
            assert found
            await asyncio.sleep(0.01)
            await tx.phone.keep(found.hearing(Continued(MORNING + minutes * MINUTE, Voice.HAND)))

    await asyncio.gather(*(hear(minutes) for minutes in range(10)))
    async with database.snapshot() as tx:
        found = await tx.phone.get(one.id)
    assert found
    assert len(found.reports) == 11


async def test_whoever_only_names_an_agent_need_not_wait(on_postgresql: Database) -> None:
    """What hana does elsewhere is written down while somebody works on her calls."""
    hana = await an_agent(on_postgresql)
    await a_queue(on_postgresql)
    [one] = await opened(on_postgresql)
    async with on_postgresql.transaction() as tx:
        await tx.phone.lock(hana.id)
        async with on_postgresql.transaction() as other:
            await other.inquiries.save(one.claim(an_act(hana)))
    async with on_postgresql.snapshot() as tx:
        found = await tx.inquiries.get(one.number)
    assert found
    assert found.holder == hana
