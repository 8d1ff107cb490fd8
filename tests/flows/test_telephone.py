"""Telephones told over signed HTTP: each call is one contact in its caller's history, in whatever order it is told."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession

from adapters.operations.metrics import Metrics
from adapters.operations.server import Server
from adapters.telephony.routes import EVENTS, TWILIO
from adapters.telephony.signatures import OF_TWILIO, SIGNATURE, TIMESTAMP, twilio_signature, webhook_signature
from bot.domain.advice import Advice, AdviceState
from bot.domain.agent import Agent
from bot.domain.errors import Conflict
from bot.domain.events import Act, Event, EventKind
from bot.domain.help_request import HelpRequest, HelpState
from bot.domain.identity import Identity, IdentityKind
from bot.domain.inquiry import Inquiry, Status
from bot.domain.phone import Began, Caller, Ended, Line, Outcome, PhoneCall, Voice
from bot.domain.phoning import Verdict
from bot.health import Part
from bot.phone_desk import begin, end, still
from bot.phone_settings import TelephonySettings
from bot.ports import Store, Transaction
from bot.settings import Settings
from bot.switchboard import telephone_routes
from storage.database import Database
from storage.tables import outbox
from tests.builders import SUPPORT, a_message, a_queue, an_act, an_agent, opened
from tests.support.clock import MORNING, Clock

SECRET, TOKEN, PUBLIC = "a secret of the exchange", "0123456789abcdef0123456789abcdef", "https://desk.example.com"
NUMBER, OTHER = "+819012345678", "+81312345678"
NOBODY = Caller()
MINUTE = timedelta(minutes=1)
HANAS, KENS = "201", "202"
LINE = Line("telephony", "7f3a")
NAMES = [EventKind.CALLED, EventKind.HUNG_UP]


def from_(caller: str) -> dict[str, Any]:
    """Who rings: "from" cannot be the name of an argument."""
    return {"from": caller}


@dataclass
class Office:
    """A desk with two telephones and a telephone system beside it."""

    database: Database
    clock: Clock
    url: str
    hana: Agent
    ken: Agent

    async def post(self, path: str, body: str, headers: dict[str, str]) -> int:
        async with ClientSession() as session, session.post(self.url + path, data=body, headers=headers) as answer:
            return answer.status

    async def tell(self, event: str, at: int = 0, agent: str = HANAS, **more: Any) -> int:
        """The system tells of the call "7f3a", of something that happened so many minutes after the morning began."""
        moment = (MORNING + at * MINUTE).isoformat()
        told = {"id": "7f3a", "event": event, "agent": agent, "at": moment, "from": "090-1234-5678"} | more
        body, now = json.dumps(told), str(int(self.clock().timestamp()))
        signed = {TIMESTAMP: now, SIGNATURE: webhook_signature(SECRET, now, body.encode())}
        return await self.post(EVENTS, body, {"Content-Type": "application/json"} | signed)

    async def call_back(self, status: str, sid: str = "CA" + "0" * 32, **more: str) -> int:
        """Twilio tells that a leg to the agent's client has got so far."""
        now = format_datetime(self.clock())
        fields = {"CallSid": sid, "CallStatus": status, "From": NUMBER, "To": "client:hana", "Timestamp": now} | more
        signed = {OF_TWILIO: twilio_signature(TOKEN, PUBLIC + TWILIO, fields.items())}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.post(TWILIO, urlencode(fields), kind | signed)

    async def calls(self, line: Line = LINE) -> list[PhoneCall]:
        async with self.database.snapshot() as tx:
            return await tx.phone.of_line(line)

    async def call(self, line: Line = LINE) -> PhoneCall:
        [one] = await self.calls(line)
        return one

    async def inquiries(self) -> list[Inquiry]:
        async with self.database.snapshot() as tx:
            open_, _ = await tx.inquiries.waiting(None, 0, 99)
            return open_

    async def timeline(self, number: int | None) -> list[Event]:
        assert number
        async with self.database.snapshot() as tx:
            return await tx.inquiries.timeline(number)

    async def written(self, call: PhoneCall) -> list[Event]:
        """What was written down of a call in its inquiry."""
        return [one for one in await self.timeline(call.inquiry) if one.details.get("call") == call.id]

    async def begin(self, at: int = 0, caller: Caller = NOBODY, about: str = "") -> tuple[Verdict, PhoneCall]:
        """Hana says so by hand."""
        async with self.database.transaction() as tx:
            told = Began(MORNING + at * MINUTE, Voice.HAND, caller)
            return await begin(tx, self.hana, told, an_act(self.hana, at), "support", about=about)

    async def end(self, call: PhoneCall, at: int, outcome: Outcome | None = None, note: str = "") -> PhoneCall:
        async with self.database.transaction() as tx:
            told = Ended(MORNING + at * MINUTE, Voice.HAND, outcome=outcome)
            return await end(tx, call, told, an_act(self.hana, at), note)


@asynccontextmanager
async def office_on(database: Database, clock: Clock, store: Store | None = None) -> AsyncIterator[Office]:
    await a_queue(database, "support", SUPPORT)
    hana, ken = await an_agent(database), await an_agent(database, "Ken")
    async with database.transaction() as tx:
        for address, agent in ((HANAS, hana), ("client:hana", hana), (KENS, ken)):
            await tx.phone.give_extension(address, agent.id)
    metrics = Metrics()
    telephony = TelephonySettings(secret=SECRET, twilio_auth_token=TOKEN)
    settings = Settings(_env_file=None, telephony=telephony, public_url=PUBLIC)
    routes = telephone_routes(settings, store or database, clock, metrics)
    server = Server("127.0.0.1", 0, _no_parts, metrics, routes)
    port = await server.open()
    yield Office(database, clock, f"http://127.0.0.1:{port}", hana, ken)
    await server.close()


async def _no_parts() -> Sequence[Part]:
    return []


@pytest.fixture
async def office(database: Database, clock: Clock) -> AsyncIterator[Office]:
    clock.forward(timedelta(hours=2))
    async with office_on(database, clock) as one:
        yield one


# --- one call -----------------------------------------------------------------------------------------------


async def test_a_call_opens_an_inquiry_and_is_written_down(office: Office) -> None:
    assert await office.tell("ringing", 0) == 204
    assert await office.calls() == []
    assert await office.tell("started", 1) == 204
    call = await office.call()
    assert (call.agent, call.is_live, call.started_at) == (office.hana, True, MORNING + MINUTE)
    [inquiry] = await office.inquiries()
    assert inquiry.number == call.inquiry
    assert (inquiry.queue, inquiry.holder, inquiry.status) == ("support", office.hana, Status.OPEN)
    assert inquiry.customer.address == NUMBER
    assert call.caller == Caller(NUMBER, inquiry.customer.id)
    assert inquiry.answered_at == MORNING + MINUTE

    assert await office.tell("ended", 9, duration=470) == 204
    call = await office.call()
    assert (call.is_live, call.length) == (False, timedelta(seconds=470))
    called, hung_up = await office.written(call)
    assert [called.kind, hung_up.kind] == NAMES
    assert (called.act.at, called.act.agent, called.act.source) == (MORNING + MINUTE, office.hana, "telephony")
    assert called.details["caller"] == "+81 ••-••••-5678"
    assert (hung_up.act.at, hung_up.details["seconds"]) == (MORNING + 9 * MINUTE, 470)
    [inquiry] = await office.inquiries()
    assert inquiry.status is Status.OPEN


async def test_twilio_tells_of_calls_as_well(office: Office) -> None:
    for status in ("initiated", "ringing", "in-progress"):
        assert await office.call_back(status) == 204
    office.clock.forward(MINUTE)
    assert await office.call_back("completed", CallDuration="58") == 204
    call = await office.call(Line("twilio", "CA" + "0" * 32))
    assert (call.agent, call.length, call.is_live) == (office.hana, timedelta(seconds=58), False)
    assert [one.kind for one in await office.written(call)] == NAMES


async def test_a_call_joins_what_its_caller_asked(office: Office) -> None:
    async with office.database.transaction() as tx:
        before = await tx.inquiries.record("support", a_message(from_address=NUMBER), an_act(office.ken))
    await office.tell("started", 20)
    call = await office.call()
    assert call.inquiry == before.number
    assert call.caller.customer == before.customer.id
    [inquiry] = await office.inquiries()
    assert inquiry.holder == office.hana


async def test_what_somebody_has_stays_theirs(office: Office) -> None:
    async with office.database.transaction() as tx:
        before = await tx.inquiries.record("support", a_message(from_address=NUMBER), an_act(office.ken))
        await tx.inquiries.save(before.claim(an_act(office.ken)))
    await office.tell("started", 20)
    [inquiry] = await office.inquiries()
    assert inquiry.holder == office.ken


async def test_an_inquiry_that_rested_for_long_is_not_joined(office: Office) -> None:
    async with office.database.transaction() as tx:
        long_ago = Act(MORNING - timedelta(days=15), "mail")
        before = await tx.inquiries.record("support", a_message(from_address=NUMBER), long_ago)
    await office.tell("started", 20)
    assert (await office.call()).inquiry not in (None, before.number)


@pytest.mark.parametrize("caller", ["anonymous", "sip:anonymous@anonymous.invalid", "+266696687", "非通知", ""])
async def test_who_keeps_the_number_back_is_nobody_we_know(office: Office, caller: str) -> None:
    await office.tell("started", **from_(caller))
    await office.tell("started", agent=KENS, id="8", **from_(caller))
    first, second = await office.call(), await office.call(Line("telephony", "8"))
    assert not first.caller.is_known
    assert first.inquiry != second.inquiry
    customers = {one.customer.id for one in await office.inquiries()}
    assert len(customers) == 2
    assert [one.details["caller"] for one in await office.written(first)] == [""]


@pytest.mark.parametrize("agent", ["201", "sip:201@pbx.example.com;transport=tls", "CLIENT:hana"])
async def test_an_agent_is_known_however_the_system_writes_it(office: Office, agent: str) -> None:
    await office.tell("started", agent=agent)
    assert (await office.call()).agent == office.hana


async def test_of_nobodys_telephone_nothing_becomes(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert await office.tell("started", agent="+819099999999") == 204
        assert await office.tell("ended", agent="+819099999999") == 204
    assert await office.calls() == []
    assert "nobody of the team" in caplog.text
    assert "9999" not in caplog.text
    assert "1234" not in caplog.text


async def test_who_says_later_whose_telephone_it_is_is_not_too_late(office: Office) -> None:
    await office.tell("started", agent="203")
    async with office.database.transaction() as tx:
        await tx.phone.give_extension("203", office.ken.id)
    await office.tell("started", agent="203")
    assert (await office.call()).agent == office.ken


async def test_a_call_that_goes_out_is_with_who_was_rung(office: Office) -> None:
    await office.tell("started", direction="out", to=NUMBER, **from_("03-1111-1111"))
    assert (await office.call()).caller.number == NUMBER


async def test_a_clock_that_is_ahead_makes_no_future(office: Office) -> None:
    await office.tell("started", 124)  # the office's clock says 120
    assert (await office.call()).started_at == office.clock()


# --- order, and twice ---------------------------------------------------------------------------------------

PARTS: list[tuple[str, int, dict[str, Any]]] = [
    ("ringing", 0, {}),
    ("started", 1, {}),
    ("ended", 9, {"duration": 480}),
]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_in_any_order_and_twice_it_is_one_contact(office: Office, order: tuple[int, ...]) -> None:
    for part in (*order, *order):
        event, at, more = PARTS[part]
        assert await office.tell(event, at, **more) == 204
    call = await office.call()
    assert (call.started_at, call.length, call.is_live) == (MORNING + MINUTE, 8 * MINUTE, False)
    [inquiry] = await office.inquiries()
    assert call.inquiry == inquiry.number
    assert [one.kind for one in await office.written(call)] == NAMES
    assert inquiry.version == 3


async def test_events_that_are_forgotten_and_told_again_have_no_second_effect(office: Office) -> None:
    for _ in range(2):
        for event, at, more in PARTS:
            await office.tell(event, at, **more)
        async with office.database.transaction() as tx:
            await tx.arrivals.forget(office.clock() + timedelta(days=9999))
    assert [one.kind for one in await office.written(await office.call())] == NAMES
    assert len(await office.inquiries()) == 1


async def test_what_was_given_to_somebody_else_meanwhile_is_not_claimed_again(office: Office) -> None:
    await office.tell("started", 1)
    [inquiry] = await office.inquiries()
    async with office.database.transaction() as tx:
        await tx.inquiries.save(inquiry.release(an_act(office.hana, 2)))
        await tx.arrivals.forget(office.clock() + timedelta(days=9999))
    await office.tell("started", 1)
    await office.tell("ended", 9)
    [inquiry] = await office.inquiries()
    assert inquiry.holder is None


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed", "canceled"])
async def test_what_only_rang_is_kept_without_a_word(office: Office, outcome: str) -> None:
    await office.tell("ringing", 0)
    await office.tell("ended", 1, outcome=outcome, duration=0)
    call = await office.call()
    assert (call.outcome, call.inquiry, call.is_live, call.started_at) == (Outcome.UNANSWERED, None, False, None)
    assert await office.inquiries() == []
    assert await said(office, "call") == 0


async def test_a_talk_of_which_only_the_end_is_told_is_a_contact(office: Office) -> None:
    await office.tell("ended", 9, outcome="completed", duration=120)
    call = await office.call()
    assert (call.started_at, call.length, call.is_live) == (MORNING + 7 * MINUTE, 2 * MINUTE, False)
    assert [one.kind for one in await office.written(call)] == NAMES


async def test_a_beginning_that_comes_late_finds_the_end(office: Office) -> None:
    await office.tell("ended", 9, outcome="completed")
    assert await office.inquiries() == []
    await office.tell("started", 4)
    call = await office.call()
    assert (call.length, call.is_live) == (5 * MINUTE, False)
    called, hung_up = await office.written(call)
    assert (called.act.at, hung_up.act.at) == (MORNING + 4 * MINUTE, MORNING + 9 * MINUTE)


# --- several calls ------------------------------------------------------------------------------------------

HANDED_ON = [("started", 1, HANAS), ("started", 5, KENS), ("ended", 9, KENS)]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_a_call_that_is_passed_on_is_one_of_each(office: Office, order: tuple[int, ...]) -> None:
    for part in order:
        event, at, agent = HANDED_ON[part]
        await office.tell(event, at, agent)
    calls = {one.agent.name: one for one in await office.calls()}
    assert set(calls) == {"Hana", "Ken"}
    assert (calls["Hana"].length, calls["Ken"].length) == (4 * MINUTE, 4 * MINUTE)
    assert not any(one.is_live or one.is_estimated for one in calls.values())
    [inquiry] = await office.inquiries()
    assert {one.inquiry for one in calls.values()} == {inquiry.number}
    for one in calls.values():
        assert [event.kind for event in await office.written(one)] == NAMES


async def test_a_telephone_that_stops_ringing_ends_no_talk(office: Office) -> None:
    await office.tell("started", 1, HANAS)
    await office.tell("ended", 1, KENS, outcome="canceled")
    calls = {one.agent.name: one for one in await office.calls()}
    assert calls["Hana"].is_live
    assert calls["Ken"].outcome is Outcome.UNANSWERED


async def test_an_end_that_names_nobody_is_everybodys(office: Office) -> None:
    await office.tell("started", 1, HANAS)
    await office.tell("ended", 9, "+81398765432")
    assert (await office.call()).length == 8 * MINUTE


async def test_who_begins_another_call_has_ended_the_first(office: Office) -> None:
    await office.tell("started", 1)
    await office.tell("started", 30, id="8", **from_(OTHER))
    first, second = await office.call(), await office.call(Line("telephony", "8"))
    assert (first.length, first.is_estimated, first.is_live) == (29 * MINUTE, True, False)
    assert second.is_live
    _, hung_up = await office.written(first)
    assert (hung_up.kind, hung_up.act.agent) == (EventKind.HUNG_UP, None)
    await office.tell("ended", 25)
    corrected = await office.call()
    assert (corrected.length, corrected.is_estimated) == (24 * MINUTE, False)
    assert [one.kind for one in await office.written(corrected)] == NAMES


async def test_an_older_call_that_is_told_later_is_over_by_then(office: Office) -> None:
    await office.tell("started", 30, id="8", **from_(OTHER))
    await office.tell("started", 1)
    first, second = await office.call(), await office.call(Line("telephony", "8"))
    assert (first.is_live, first.length) == (False, 29 * MINUTE)
    assert second.is_live
    assert [one.kind for one in await office.written(first)] == NAMES


AT_ONCE: list[tuple[tuple[str, int, str], dict[str, Any]]] = [
    (("started", 1, HANAS), {}),
    (("ended", 9, HANAS), {"duration": 480}),
    (("started", 12, KENS), {"id": "8"}),
    (("started", 20, HANAS), {"id": "9", "from": OTHER}),
]


@pytest.mark.parametrize("times", [2, 6])
async def test_events_at_the_same_moment_have_one_effect_each(office: Office, times: int) -> None:
    """Of one agent and of two, of one line and of others: each several times at once."""
    statuses = await asyncio.gather(*(office.tell(*one, **more) for _ in range(times) for one, more in AT_ONCE))
    assert set(statuses) <= {204, 503}
    for one, more in AT_ONCE:  # whoever was told 503 tells again
        assert await office.tell(*one, **more) == 204
    calls = [await office.call(Line("telephony", one)) for one in ("7f3a", "8", "9")]
    assert [one.is_live for one in calls] == [False, True, True]
    assert len({calls[0].inquiry, calls[1].inquiry}) == 1
    for call in calls:
        kinds = [event.kind for event in await office.written(call)]
        assert kinds == (NAMES[:1] if call.is_live else NAMES)
    async with office.database.snapshot() as tx:
        assert await tx.customers.by_identity(Identity(IdentityKind.PHONE, NUMBER)) == calls[0].caller.customer
    assert len(await office.inquiries()) == 2


# --- by hand as well ----------------------------------------------------------------------------------------


async def test_what_was_said_by_hand_and_by_the_system_is_one_call(office: Office) -> None:
    [mail] = await opened(office.database)
    _, by_hand = await office.begin(3, Caller(customer=mail.customer.id))
    assert by_hand.inquiry == mail.number
    await office.tell("started", 1)
    call = await office.call()
    assert (call.id, call.started_at) == (by_hand.id, MORNING + MINUTE)
    assert call.caller == Caller(NUMBER, mail.customer.id)
    assert len(await office.inquiries()) == 1
    assert [one.kind for one in await office.written(call)] == NAMES[:1]


async def test_said_twice_by_hand_it_is_said_once(office: Office) -> None:
    first = await office.begin(1, Caller(NUMBER), "The parcel")
    again = await office.begin(2, Caller(NUMBER))
    assert (first[0], again[0]) == (Verdict.NEW, Verdict.SAME)
    assert first[1] == again[1]
    [inquiry] = await office.inquiries()
    assert inquiry.subject == "The parcel"


async def test_with_somebody_else_nothing_begins(office: Office) -> None:
    _, first = await office.begin(1, Caller(NUMBER))
    verdict, in_the_way = await office.begin(2, Caller(OTHER))
    assert (verdict, in_the_way) == (Verdict.ASK, first)
    assert len(await office.inquiries()) == 1


async def test_a_customer_without_a_number_is_called_by_their_record(office: Office) -> None:
    async with office.database.transaction() as tx:
        aki = await tx.inquiries.record("support", a_message(from_address="", from_name="Aki"), an_act(office.ken))
        await tx.inquiries.save(aki.resolve("", an_act(office.ken)))
    _, call = await office.begin(1, Caller(customer=aki.customer.id))
    [inquiry] = await office.inquiries()
    assert inquiry.number == call.inquiry != aki.number
    assert (inquiry.customer.id, inquiry.customer.name) == (aki.customer.id, "Aki")


async def test_who_is_named_later_gets_what_was_nobodys(office: Office) -> None:
    [mail] = await opened(office.database)
    await office.tell("started", 1, **from_("anonymous"))
    before = await office.call()
    verdict, _ = await office.begin(2, Caller(customer=mail.customer.id))
    after = await office.call()
    assert verdict is Verdict.SAME
    assert (after.inquiry, after.caller.customer) == (before.inquiry, mail.customer.id)
    theirs = [one for one in await office.inquiries() if one.customer.id == mail.customer.id]
    assert {one.number for one in theirs} == {mail.number, before.inquiry}
    assert [one.kind for one in await office.written(after)] == NAMES[:1]


async def test_who_is_named_with_a_call_that_has_a_number_is_asked_about(office: Office) -> None:
    [mail] = await opened(office.database)
    await office.tell("started", 1)
    verdict, _ = await office.begin(2, Caller(customer=mail.customer.id))
    assert verdict is Verdict.ASK


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.SETTLED, Status.RESOLVED),
        (Outcome.WRONG_NUMBER, Status.RESOLVED),
        (Outcome.OPEN, Status.OPEN),
        (Outcome.CALL_BACK, Status.OPEN),
        (None, Status.OPEN),
    ],
)
async def test_what_came_of_it_decides_about_its_inquiry(
    office: Office, outcome: Outcome | None, status: Status
) -> None:
    _, call = await office.begin(1, Caller(NUMBER))
    over = await office.end(call, 5, outcome, "at five")
    inquiry = await found(office, over)
    assert inquiry.status is status
    last = (await office.timeline(inquiry.number))[-1]
    assert last.details["note"] == "at five"
    assert [one.kind for one in await office.written(over)] == NAMES


async def test_what_came_of_it_may_be_said_later(office: Office) -> None:
    await office.tell("started", 1)
    await office.tell("ended", 5)
    over = await office.end(await office.call(), 30, Outcome.SETTLED, "All is well")
    assert (over.length, over.outcome) == (4 * MINUTE, Outcome.SETTLED)
    inquiry = await found(office, over)
    assert (inquiry.status, inquiry.note) == (Status.RESOLVED, "All is well")


async def test_what_came_of_a_call_that_a_rule_ended_does_not_make_it_longer(office: Office) -> None:
    await office.tell("started", 1)
    await office.tell("started", 6, id="8", **from_(OTHER))
    over = await office.end(await office.call(), 30, Outcome.OPEN)
    assert (over.length, over.outcome, over.is_estimated) == (5 * MINUTE, Outcome.OPEN, True)


async def test_a_note_that_comes_later_is_not_lost(office: Office) -> None:
    await office.tell("started", 1)
    await office.tell("ended", 5)
    over = await office.end(await office.call(), 30, Outcome.CALL_BACK, "at five")
    _, hung_up, noted = await office.written(over)
    assert "note" not in hung_up.details
    assert noted.details == {"call": over.id, "outcome": "call_back", "note": "at five"}


async def test_the_same_said_again_resolves_nothing_that_was_opened_since(office: Office) -> None:
    _, call = await office.begin(1, Caller(NUMBER))
    over = await office.end(call, 5, Outcome.SETTLED)
    async with office.database.transaction() as tx:
        inquiry = await tx.inquiries.get(over.inquiry or 0)
        assert inquiry
        await tx.inquiries.save(inquiry.receive(a_message(), an_act(None, 10)))
    await office.end(over, 15, Outcome.SETTLED)
    assert (await found(office, over)).status is Status.OPEN


async def test_a_wrong_number_resolves_only_what_it_opened(office: Office) -> None:
    async with office.database.transaction() as tx:
        before = await tx.inquiries.record("support", a_message(from_address=NUMBER), an_act(office.ken))
    _, call = await office.begin(1, Caller(NUMBER))
    over = await office.end(call, 2, Outcome.WRONG_NUMBER)
    assert over.inquiry == before.number
    assert (await found(office, over)).status is Status.OPEN


async def test_what_somebody_else_holds_is_not_resolved_by_a_call(office: Office) -> None:
    async with office.database.transaction() as tx:
        before = await tx.inquiries.record("support", a_message(from_address=NUMBER), an_act(office.ken))
        await tx.inquiries.save(before.claim(an_act(office.ken)))
    _, call = await office.begin(1, Caller(NUMBER))
    over = await office.end(call, 2, Outcome.SETTLED)
    assert (await found(office, over)).status is Status.OPEN
    assert over.outcome is Outcome.SETTLED


async def test_what_was_erased_meanwhile_is_left_alone(office: Office) -> None:
    _, call = await office.begin(1, Caller(NUMBER))
    inquiry = await found(office, call)
    async with office.database.transaction() as tx:
        await tx.erasures.erase(inquiry.customer.id, "operator")
    before = await office.timeline(inquiry.number)
    over = await office.end(call, 5, Outcome.SETTLED, "hm")
    assert not over.is_live
    assert await office.timeline(inquiry.number) == before


async def test_a_call_that_was_taken_for_forgotten_goes_on(office: Office) -> None:
    _, call = await office.begin(1, Caller(NUMBER))
    async with office.database.transaction() as tx:
        over = await end(tx, call, Ended(MORNING + MINUTE, Voice.RULE), Act(MORNING + 41 * MINUTE, "schedule"))
        assert not over.is_live
        alive = await still(tx, over, an_act(office.hana, 45))
    assert alive.is_live
    over = await office.end(alive, 50)
    assert over.length == 49 * MINUTE
    assert [one.kind for one in await office.written(over)] == NAMES
    async with office.database.transaction() as tx:
        assert await still(tx, over, an_act(office.hana, 51)) == over


async def test_its_agent_is_told_once_by_one_message(office: Office) -> None:
    for event, at, more in PARTS:
        await office.tell(event, at, **more)
    assert await said(office, "call") == 1


async def test_with_a_call_ends_what_was_on_its_way(office: Office) -> None:
    """Advice that nobody has delivered is withdrawn, and nobody is asked for help any more."""
    await office.tell("started", 1)
    call = await office.call()
    async with office.database.transaction() as tx:
        queued = Advice(to=office.hana, text="Ask for the number", at=MORNING, sender=office.ken, call=call.id)
        advice = await tx.advice.give(queued, call.inquiry)
        asked = HelpRequest(call=call.id, asker=office.hana, text="Customs?", at=MORNING)
        request = await tx.help_requests.ask(asked, call.inquiry, [SUPPORT])
    await office.tell("ended", 9)
    async with office.database.snapshot() as tx:
        withdrawn, over = await tx.advice.get(advice.id), await tx.help_requests.get(request.id)
    assert withdrawn
    assert withdrawn.state is AdviceState.WITHDRAWN
    assert over
    assert over.state is HelpState.OVER


# --- the store is busy --------------------------------------------------------------------------------------


class Contested:
    """A store in which so many transactions lose a race as they end."""

    def __init__(self, database: Database, lost: int) -> None:
        self._database = database
        self.lost = lost

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._database.transaction() as tx:
            yield tx
            if self.lost:
                self.lost -= 1
                raise Conflict("somebody was quicker")

    def snapshot(self) -> object:
        return self._database.snapshot()


async def test_who_loses_a_race_tries_again_and_at_last_says_so(on_sqlite: Database, clock: Clock) -> None:
    clock.forward(timedelta(hours=2))
    store = Contested(on_sqlite, 3)
    async with office_on(on_sqlite, clock, store) as office:  # type: ignore[arg-type]
        assert await office.tell("started", 1) == 204
        store.lost = 99
        assert await office.tell("ended", 9) == 503
        store.lost = 0
        assert await office.tell("ended", 9) == 204
        assert [one.kind for one in await office.written(await office.call())] == NAMES


def test_without_a_secret_there_is_no_way_in(on_sqlite: Database, clock: Clock) -> None:
    assert telephone_routes(Settings(_env_file=None), on_sqlite, clock, Metrics()) == []


async def found(office: Office, call: PhoneCall) -> Inquiry:
    async with office.database.snapshot() as tx:
        one = await tx.inquiries.get(call.inquiry or 0)
    assert one
    return one


async def said(office: Office, kind: str) -> int:
    """How many messages of that kind are in the outbox."""
    async with office.database.snapshot() as tx:
        query = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.kind == kind)
        return int((await tx.session.run(query)).scalar_one())
