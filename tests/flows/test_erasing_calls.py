"""Erasing somebody who phones: numbers, whispers, calls for help and drafts go, from the database and from chat."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot import phone_desk
from bot.app import system_clock
from bot.domain.advice import Advice, AdviceState, Receipt, Token
from bot.domain.agent import Agent, Role
from bot.domain.article import Article, ArticleKind, Wording
from bot.domain.customer import Identity, IdentityKind
from bot.domain.events import Act, EventKind
from bot.domain.help_request import HelpRequest, HelpState
from bot.domain.phone import Began, Caller, Ended, Line, Outcome, PhoneCall, Voice
from bot.domain.phoning import masked
from bot.domain.prepared import PreparedAdvice
from bot.ports import Place
from bot.whispering import whisper
from storage.database import Database
from storage.scrubbing import scrub
from tests.builders import a_queue, an_agent
from tests.fakes.chat import FakeChat, Faults
from tests.fakes.chat_platform import FakeChatPlatform
from tests.flows.test_erasure import Office
from tests.support.traces import Planting, found_in, kept_by

HERE, BOARD = Place("slack", "support"), Place("slack", "supervisors")
LINE = Line("generic", "line-1")
NUMBER, NAME, OTHER = "+819055512345", "水野蛍", "+819087654321"
FACTS = {
    "number": NUMBER,
    "masked": masked(NUMBER, "JP"),
    "masked from afar": masked(NUMBER),
    "as it is spoken": "090-5551-2345",
    "name": NAME,
    "about": "陶器の小鉢が割れて届いた件",
    "note of the call": "弁護士の雲井先生を立てるとのこと",
    "delivered": "桔梗の小鉢を無償で再送すると伝える",
    "queued": "Ask for Oddvar's spare key first",
    "by a rule": "蛍窯の新作はまだ案内しない",
    "note to another": "She may phone you about Villa Sorbier",
    "help": "返金か再送か、どちらにしますか",
    "draft's situation": "三枚のうち二枚に桔梗の模様",
    "older wording": "Kilnhouse Nr. 17 rings twice",
}
LAW = "割れ物は写真を待たずに再送する"
"""What was approved, and stays."""


@dataclass
class Phones:
    """People who talk with somebody of whom all this is known, and with somebody else."""

    office: Office
    emma: Agent
    hana: Agent
    ken: Agent
    call: PhoneCall
    other: PhoneCall
    now: datetime
    person: int

    @property
    def database(self) -> Database:
        return self.office.database

    async def erases(self) -> None:
        await self.office.erasing.erase(self.person, "ken")
        assert await scrub(self.database.url) == ""

    async def left(self) -> set[str]:
        return found_in(await kept_by(self.database), FACTS)

    def seen(self) -> set[str]:
        cards = [json.dumps(one.card, ensure_ascii=False) for one in self.office.chat.messages if not one.deleted]
        return found_in([one.encode() for one in cards], FACTS)

    async def exported(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(json.dumps(await self.office.erasing.everything(self.person)))
        return told


@pytest.fixture
async def phones(database_url: str) -> AsyncIterator[Phones]:
    async with AsyncExitStack() as closing:
        database = Database(database_url, system_clock)
        closing.push_async_callback(database.close)
        chat = FakeChat(Faults())
        await chat.open()
        closing.push_async_callback(chat.close)
        platform = FakeChatPlatform(chat.port, "slack")
        closing.push_async_callback(platform.close)
        emma, hana, ken = [
            await an_agent(database, name, role, "slack")
            for name, role in (("Emma", Role.SUPERVISOR), ("Hana", Role.AGENT), ("Ken", Role.SUPERVISOR))
        ]
        await a_queue(database, "support", HERE)
        office = Office(database, chat, platform, Planting(database))
        yield await _planted(office, emma, hana, ken)


async def _planted(office: Office, emma: Agent, hana: Agent, ken: Agent) -> Phones:
    now, act = system_clock(), Act(system_clock(), "slack", hana)
    async with office.database.transaction() as tx:
        await tx.phone.show_board(BOARD)
        began = Began(now, Voice.TELEPHONY, Caller(NUMBER))
        _, call = await phone_desk.begin(tx, hana, began, act, "support", LINE, FACTS["about"])
        began = Began(now, Voice.HAND, Caller(OTHER))
        _, other = await phone_desk.begin(tx, ken, began, replace(act, agent=ken), "support")
        person = await tx.customers.by_identity(Identity(IdentityKind.PHONE, NUMBER))
        assert person
        await tx.customers.describe(person, NAME, "", "ja", [], act)
        await tx.help_requests.ask(
            HelpRequest(call=call.id, asker=hana, text=FACTS["help"], at=now), call.inquiry, [BOARD, HERE]
        )
    await office.delivers()
    async with office.database.transaction() as tx:
        said, _ = await whisper(tx, hana, FACTS["delivered"], now, emma, call)
        rule = PreparedAdvice(id=0, name="Kiln", text=FACTS["by a rule"], words=("x",))
        kept = await tx.prepared.keep(rule, 0, emma, now)
        await whisper(tx, hana, FACTS["by a rule"], now, call=call, rule=kept.id)
        note = Advice(to=ken, text=FACTS["note to another"], at=now, sender=emma)
        noted = await tx.advice.give(note, call.inquiry)
        await tx.advice.bind(ken.id, timedelta(), None)
        await whisper(tx, ken, "For the other call", now, emma, other)
    await office.delivers()
    async with office.database.transaction() as tx:
        await tx.prepared.keep(replace(kept, text="Gone"), 1, emma, now)
        await tx.advice.tell(said.id, Receipt(Token.USED, now))
        await tx.advice.second(said.id, ken.id, now)
        await tx.advice.say_receipts(noted)
        await tx.phone.say_check(call, now)
        await _learns(tx, call, said, emma, now)
        earlier = PhoneCall(agent=ken, reports=frozenset([Began(now - timedelta(days=1), Voice.HAND, Caller(NUMBER))]))
        ended = Ended(now - timedelta(hours=23), Voice.HAND, outcome=Outcome.OPEN)
        await tx.phone.keep(replace(earlier.hearing(ended), inquiry=other.inquiry))
        assert call.inquiry
        inquiry = await tx.inquiries.get(call.inquiry)
        assert inquiry
        await tx.inquiries.save(
            inquiry.changed(act, EventKind.HUNG_UP, {"call": call.id, "note": FACTS["note of the call"]})
        )
    await office.delivers()
    async with office.database.transaction() as tx:
        await tx.advice.leave_alone(hana.id, now + timedelta(hours=1))
        await whisper(tx, hana, FACTS["queued"], now, emma, call)
    await office.planting.indexed()
    return Phones(office, emma, hana, ken, call, other, now, person)


async def _learns(tx: Any, call: PhoneCall, said: Advice, emma: Agent, now: datetime) -> None:
    """A draft that nobody has approved, and an article whose first wording said too much."""
    draft = Article(
        kind=ArticleKind.ANSWER,
        language="ja",
        latest=Wording("割れ物", FACTS["delivered"], FACTS["draft's situation"]),
        advice=said.id,
    )
    await tx.articles.add(draft, emma, now, call.inquiry)
    first = Article(kind=ArticleKind.ANSWER, language="ja", latest=Wording("割れ物", LAW, FACTS["older wording"]))
    made = await tx.articles.add(first, emma, now, call.inquiry)
    naming = Wording("割れ物", LAW, f"{NAME}様（{FACTS['as it is spoken']}）のとき")
    edited = made.edit(naming, emma, now.date())
    await tx.articles.save(made, edited, emma, now)
    await tx.articles.save(edited, edited.approve(now.date()), emma, now)


async def test_every_fact_stands_somewhere_before(phones: Phones) -> None:
    """The control: the search for traces is not blind."""
    assert set(FACTS) - await phones.left() == {"masked"}, "which is said in chat only"
    in_chat = {"as it is spoken", "name", "about", "delivered", "by a rule", "note to another", "help", "masked"}
    assert in_chat - phones.seen() == set()
    async with phones.database.snapshot() as tx:
        held = await tx.erasures.holdings(phones.person)
    assert held.posts > 8


async def test_nothing_is_left_after_an_erasure_and_delivery(phones: Phones) -> None:
    await phones.erases()
    await phones.office.delivers()
    await phones.office.planting.indexed()
    assert await scrub(phones.database.url) == ""
    assert await phones.left() == set()
    assert phones.seen() == set()
    assert await phones.office.erasing.left() == 0


async def test_that_there_were_calls_stays_and_the_one_that_goes_on_can_be_ended(phones: Phones) -> None:
    await phones.erases()
    async with phones.database.snapshot() as tx:
        call = await tx.phone.get(phones.call.id)
    assert call
    assert (call.is_live, call.started_at, call.caller.number) == (True, phones.call.started_at, "")
    async with phones.database.transaction() as tx:
        told = Ended(phones.now + timedelta(minutes=3), Voice.TELEPHONY)
        over = await phone_desk.end(tx, call, told, Act(phones.now, "telephony", phones.hana))
    assert over.length == timedelta(minutes=3)
    await phones.office.delivers()
    assert phones.seen() == set()


async def test_the_number_does_not_come_back_when_telephony_tells_it_once_more(phones: Phones) -> None:
    await phones.erases()
    for later in (0, 1):
        began = Began(phones.now + timedelta(seconds=later), Voice.TELEPHONY, Caller(NUMBER))
        async with phones.database.transaction() as tx:
            act = Act(phones.now, "telephony", phones.hana)
            _, call = await phone_desk.begin(tx, phones.hana, began, act, "support", LINE)
        assert call.id == phones.call.id
    await phones.office.delivers()
    assert await scrub(phones.database.url) == ""
    assert (await phones.left()) & {"number", "as it is spoken"} == set()


async def test_what_was_not_delivered_never_is_and_what_was_asked_is_over(phones: Phones) -> None:
    await phones.erases()
    async with phones.database.transaction() as tx:
        await tx.advice.leave_alone(phones.hana.id, None)
        await tx.advice.bind(phones.hana.id, timedelta(), None)
        states = {one.state for one in await tx.advice.of_call(phones.call.id)}
        [request] = await tx.help_requests.of_call(phones.call.id)
    assert states == {AdviceState.USED, AdviceState.DELIVERED, AdviceState.WITHDRAWN}
    assert (request.text, request.state) == ("", HelpState.ANSWERED)
    await phones.office.delivers()
    assert phones.seen() == set()


async def test_what_somebody_else_was_told_stays(phones: Phones) -> None:
    await phones.erases()
    await phones.office.delivers()
    async with phones.database.snapshot() as tx:
        other = await tx.phone.get(phones.other.id)
        [said] = await tx.advice.of_call(phones.other.id)
    assert other
    assert other.caller.number == OTHER
    assert said.text == "For the other call"
    cards = [json.dumps(one.card, ensure_ascii=False) for one in phones.office.chat.messages if not one.deleted]
    assert any("For the other call" in one for one in cards)


async def test_of_what_was_learnt_only_the_approved_stays_and_names_nobody(phones: Phones) -> None:
    await phones.erases()
    async with phones.database.snapshot() as tx:
        articles, count = await tx.articles.listed(None, 0, 10)
        versions = await tx.articles.versions(articles[0].id)
    assert count == 1
    [one] = articles
    assert one.approved is not None
    assert one.approved.words == LAW
    assert one.approved.situation == "…様（…）のとき"
    assert [each.version for each in versions] == [2]


async def test_an_export_holds_calls_and_nothing_of_what_the_team_says_to_one_another(phones: Phones) -> None:
    told = await phones.exported()
    [inquiry] = told["inquiries"]
    [call] = inquiry["calls"]
    assert call == {
        "at": phones.now.isoformat(), "by": "Hana", "number": NUMBER, "seconds": None, "outcome": None
    }  # fmt: skip
    [other] = told["other_calls"]
    assert (other["by"], other["number"], other["seconds"], other["outcome"]) == ("Ken", NUMBER, 3600.0, "open")
    shown = json.dumps(told, ensure_ascii=False)
    ours = {"delivered", "queued", "by a rule", "note to another", "help", "draft's situation", "older wording"}
    assert found_in([shown.encode()], FACTS) & ours == set()
    assert LAW not in shown


async def test_mentions_in_prepared_advice_are_counted(phones: Phones) -> None:
    async with phones.database.transaction() as tx:
        rule = PreparedAdvice(id=0, name="Mizuno", text=f"{NAME}様には折り返さない", words=("x",))
        await tx.prepared.keep(rule, 0, phones.emma, phones.now)
        person = await tx.customers.person(phones.person)
    assert person
    found = await phones.office.erasing.mentions(person)
    assert [(one.words, one.count) for one in found if one.kind is None] == [(NAME, 1)]
