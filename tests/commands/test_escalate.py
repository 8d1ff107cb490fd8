"""Escalations from the form to the feedback: what is asked for, who is told where, and what each message says then."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from bot.chat.card import Card, Form
from bot.chat.invocation import Answer, pressed
from bot.domain.escalation import Escalation
from bot.domain.events import Event
from bot.ports import Handle
from bot.translator import Translator
from storage.database import Database
from tests.builders import SUPPORT, a_message, opened
from tests.commands.window import TEAM, Window, current, happened, labels, said
from tests.fakes.chat import FakeChat, Posted
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.clock import MORNING, Clock
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.texts import says

CRITERIA = ("It is about more than 100,000 yen and the customer wants it back", "A lawyer is involved")
LAID_DOWN = f"""
escalations:
  criteria: ["{CRITERIA[0]}", "{CRITERIA[1]}"]
  experts: {{Customs: "workspace:customs", Law: "Ken Miller", Elsewhere: "teams:general", Gone: "workspace:@otto"}}
  call: "Emma 03-1234-5678"
"""
CUSTOMS, EMMA, KEN, HANA = "customs", "@emma", "@ken", "@hana"
NAMES = {user: name for user, name, _, _ in TEAM}


@dataclass
class Office:
    """The window, and a chat in which all is delivered."""

    window: Window
    database: Database
    chat: FakeChat
    platform: FakeChatPlatform
    number: int = 0

    async def delivers(self) -> None:
        platforms: dict[str, Any] = {"workspace": self.platform}
        await OneByOne(self.database, platforms, Translator(), self.window.clock, Counts(), rests=(0.01,)).empty()

    async def asks(self, user: str = "hana", **inputs: str) -> Answer:
        """Somebody fills in the form, as far as it is not filled in; all is delivered."""
        form = await self.window.types(user, f"/escalate {self.number}")
        answer = await self.window.fills(user, form, **(filled(form) | {"tried": "I called them"} | inputs))
        await self.delivers()
        return answer

    async def presses(self, user: str, card: Posted, verb: str, **inputs: str) -> Answer:
        """A button of a message, and the form that it leads to, with these inputs; all is delivered."""
        call = next(one["call"] for one in card.card["buttons"] if pressed(one["call"])[0] == verb)
        answer = await self.window.presses(user, call)
        if isinstance(answer, Form) and inputs:
            answer = await self.window.fills(user, answer, **inputs)
        await self.delivers()
        return answer

    def told(self, channel: str) -> list[Posted]:
        """What stands there, the inquiry's cards aside."""
        return [one for one in self.chat.standing(channel) if one.key.startswith("escalation")]

    def at(self, channel: str) -> Posted:
        """The only message there."""
        [one] = self.told(channel)
        return one

    async def kept(self) -> Escalation:
        async with self.database.snapshot() as tx:
            *_, newest = await tx.escalations.of_inquiry(self.number)
        return newest

    async def events(self) -> list[Event]:
        async with self.database.snapshot() as tx:
            return await tx.inquiries.timeline(self.number)


def filled(form: Answer) -> dict[str, str]:
    """What stands in a form, and the first choice where nothing does."""
    assert isinstance(form, Form), form
    return {one.name: one.value or (one.choices[0].value if one.choices else "") for one in form.inputs}


def buttons(one: Posted) -> list[str]:
    return [pressed(each["call"])[0] for each in one.card["buttons"]]


def fields(one: Posted) -> dict[str, str]:
    return {
        each["label"]: "".join(part if isinstance(part, str) else part["spoken"] for part in each["value"])
        for each in one.card["fields"]
    }


async def laid_down(database: Database, body: str = LAID_DOWN) -> None:
    async with database.transaction() as tx:
        newest = await tx.levels.current()
        await tx.levels.keep(body, newest.version if newest else 0, None, MORNING, "")


@pytest.fixture
async def bare(window: Window, database: Database, clock: Clock) -> AsyncIterator[Office]:
    """A team that has laid down nothing, with one inquiry."""
    chat = FakeChat()
    await chat.open()
    platform = FakeChatPlatform(chat.port, SUPPORT.platform)
    before, now = await opened(
        database,
        a_message(subject="Invoice", text="The invoice is wrong", reply_text="The invoice is wrong"),
        a_message(text="Where is my parcel?\nIt was a present."),
    )
    await window.types("ken", f"/resolve {before.number} Sent a new one")
    await window.types("hana", f"/claim {now.number}")
    yield Office(window, database, chat, platform, now.number)
    await platform.close()
    await chat.close()


@pytest.fixture
async def office(bare: Office) -> Office:
    await laid_down(bare.database)
    return bare


# --- the form -----------------------------------------------------------------------------------------------


async def test_the_form_is_filled_from_the_record(office: Office) -> None:
    form = await office.window.types("ken", f"/escalate {office.number}")
    assert isinstance(form, Form)
    content = filled(form)["content"]
    for told in (
        "Ms Ito · ito@example.com",
        f"#{office.number} The parcel is late",
        "Where is my parcel?",
        f"Held by {NAMES['hana']} since Apr 1 10:00",
        "Earlier contacts: 1",
        "Invoice (Resolved): Sent a new one",
    ):
        assert told in content, content
    assert "Times are those of" not in content, "all of the team are in one time zone"
    assert await happened(office.database, office.number) == ["opened", "claimed"], "the form alone asks nobody"


async def test_a_team_in_several_time_zones_reads_whose_times_are_told(office: Office) -> None:
    async with office.database.transaction() as tx:
        [emma] = [one for one in await tx.agents.all() if one.name == NAMES["emma"]]
        await tx.agents.describe(emma.id, emma.name, emma.language, "Europe/London")
    form = await office.window.types("ken", f"/escalate {office.number}")
    assert isinstance(form, Form)
    assert "Times are those of Asia/Tokyo." in filled(form)["content"]


async def test_what_the_form_asks_for_depends_on_what_is_laid_down(bare: Office) -> None:
    async def names() -> list[str]:
        form = await bare.window.types("ken", f"/escalate {bare.number}")
        assert isinstance(form, Form)
        for criterion in CRITERIA:
            assert (criterion in form.intro) is ("criterion" in filled(form))
        return list(filled(form))

    assert await names() == ["content", "tried", "help", "urgency"]
    await laid_down(bare.database, "escalations: {experts: {Law: Ken Miller}}")
    assert await names() == ["content", "tried", "help", "urgency", "expert"]
    await laid_down(bare.database, f'escalations: {{criteria: ["{CRITERIA[0]}", "{CRITERIA[1]}"]}}')
    assert await names() == ["content", "tried", "wanted", "criterion"], (
        "room for the criteria above, on every platform"
    )
    await laid_down(bare.database)
    assert await names() == ["content", "tried", "wanted", "criterion", "expert"]


async def test_the_form_says_what_was_asked_already(office: Office) -> None:
    await office.asks("hana")
    form = await office.window.types("ken", f"/escalate {office.number}")
    assert isinstance(form, Form)
    assert NAMES["hana"] in form.intro
    await office.window.types("hana", f"/resolve {office.number} done")
    assert says(said(await office.window.types("ken", f"/escalate {office.number}")), "en", "inquiry.resolved")


async def test_what_was_typed_stays_when_something_is_missing(office: Office) -> None:
    form = await office.window.types("ken", f"/escalate {office.number}")
    again = await office.window.fills("ken", form, content="My own words", tried="All of it", wanted="perhaps")
    assert (filled(again)["content"], filled(again)["tried"]) == ("My own words", "All of it")


# --- who is told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expert", "urgency", "places"),
    [
        ("topic:Customs", "normal", {CUSTOMS}),
        ("topic:Customs", "soon", {CUSTOMS, EMMA}),
        ("topic:Customs", "now", {CUSTOMS, EMMA}),
        ("topic:Law", "normal", {KEN}),
        ("topic:Law", "soon", {KEN, EMMA}),
        ("supervisors", "normal", {EMMA}),
    ],
)
async def test_the_urgency_decides_who_is_told(office: Office, expert: str, urgency: str, places: set[str]) -> None:
    answer = await office.asks("hana", expert=expert, wanted=f"answer.{urgency}")
    assert {one.channel for one in office.told("")} == places
    for one in office.told(""):
        calls = "03-1234-5678" in str(one.card["lines"])
        assert (calls, buttons(one)) == (
            urgency == "now",
            ["escalate_accept", "escalate_answer", "escalate_pass", "show"],
        )
    assert isinstance(answer, Card)
    assert ("03-1234-5678" in str(answer.lines)) is (urgency == "now")


@pytest.mark.parametrize("expert", ["topic:Elsewhere", "topic:Gone"])
async def test_when_the_expert_is_nowhere_the_supervisors_are_asked_and_the_asker_hears_of_it(
    office: Office, expert: str
) -> None:
    answer = await office.asks("ken", expert=expert)
    assert {one.channel for one in office.told("")} == {EMMA}
    assert isinstance(answer, Card)
    assert says(str(answer.lines[0][0]), "en", "escalation.lost")
    assert (await office.kept()).topic == ""


async def test_nobody_asks_themself(office: Office) -> None:
    await office.asks("ken", expert="topic:Law")
    assert {one.channel for one in office.told("")} == {EMMA}
    answer = await office.asks("emma", expert="supervisors")
    assert says(said(answer), "en", "escalate.nobody")


async def test_without_anything_laid_down_the_supervisors_are_asked(bare: Office) -> None:
    await bare.asks("ken", help="join", urgency="normal")
    assert {one.channel for one in bare.told("")} == {EMMA}


async def test_the_card_says_what_was_asked_in_its_readers_language(office: Office) -> None:
    await office.asks("ken", expert="supervisors", criterion=CRITERIA[1], wanted="approval.soon", content="May I?")
    one = office.at(EMMA)
    assert says(one.card["title"], "en", "escalation.wants.approval", person=NAMES["ken"], inquiry=office.number)
    assert (one.card["quote"], one.card["ours"]) == ("May I?", True)
    assert set(fields(one).values()) == {CRITERIA[1], "I called them"}
    events = await office.events()
    assert (events[-1].kind, events[-1].details) == (
        "escalated",
        {"to": NAMES["emma"], "help": "approval", "urgency": "soon"},
    )


async def test_a_long_criterion_is_kept_whole_and_none_is_none(office: Office) -> None:
    await office.asks("ken")
    assert (await office.kept()).criterion == CRITERIA[0]
    await office.asks("ken", criterion="-")
    assert (await office.kept()).criterion == ""


# --- accepted, answered, fed back ---------------------------------------------------------------------------


async def test_from_the_question_to_the_feedback(office: Office) -> None:
    await office.asks("hana", expert="topic:Customs")
    card = office.at(CUSTOMS)

    await office.presses("ken", card, "escalate_accept")
    assert buttons(office.at(CUSTOMS)) == ["escalate_answer", "escalate_pass", "show"]
    assert NAMES["ken"] in str(office.at(CUSTOMS).card["fields"])
    assert says(office.at(HANA).card["title"], "ja", "escalation.taken_on", person=NAMES["ken"])
    assert says(said(await office.window.presses("emma", drawn_at_first("escalate_accept"))), "en", "escalate.taken")

    form = await office.presses("ken", office.at(CUSTOMS), "escalate_answer")
    assert isinstance(form, Form)
    await office.window.fills("ken", form, answer="It is in Osaka.")
    await office.delivers()
    assert (office.at(CUSTOMS).card["quote"], buttons(office.at(CUSTOMS))) == ("It is in Osaka.", ["show"])
    accepted, answered = office.told(HANA)
    assert says(accepted.card["title"], "ja", "escalation.has_answer")
    assert (answered.card["quote"], buttons(answered)) == (
        "It is in Osaka.",
        ["escalate_feedback", "escalate_feedback", "show"],
    )
    event = (await office.events())[-1]
    assert (event.kind, event.details) == ("advised", {"by": NAMES["ken"], "note": "It is in Osaka."})

    assert says(said(await office.presses("hana", answered, "escalate_feedback")), "ja", "escalation.thanks")
    assert buttons(office.told(HANA)[1]) == ["show"]
    assert fields(office.at(CUSTOMS))["Feedback"] == "Helped"
    assert "役に立った" in fields(office.told(HANA)[1]).values()


def drawn_at_first(verb: str) -> str:
    """A button as it was drawn at first."""
    return f"{verb}::1:escalation=1"


async def test_what_did_not_help_says_what_was_missing(office: Office) -> None:
    await office.asks("hana", expert="topic:Customs")
    await office.presses("ken", office.at(CUSTOMS), "escalate_answer", answer="No idea")
    [answered] = office.told(HANA)
    no = next(one["call"] for one in answered.card["buttons"] if "not_helpful" in one["call"])
    form = await office.window.presses("hana", no)
    await office.window.fills("hana", form, feedback="When it comes")
    await office.delivers()
    assert fields(office.at(CUSTOMS))["Feedback"] == "Did not help · When it comes"


async def test_an_approval_is_answered_with_yes_or_no(office: Office) -> None:
    await office.asks("hana", expert="supervisors", wanted="approval.normal")
    form = await office.presses("emma", office.at(EMMA), "escalate_answer")
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["verdict", "answer"]
    assert isinstance(await office.window.fills("emma", form, answer="Well"), Form), "no yes, no no"
    await office.window.fills("emma", form, verdict="rejected", answer="")
    await office.delivers()
    assert says(office.at(HANA).card["title"], "ja", "escalation.given.rejected", person=NAMES["emma"])
    assert (await office.events())[-1].details["note"] == "Rejected"


async def test_of_two_who_accept_at_once_one_has_it_and_the_other_reads_who(office: Office) -> None:
    await office.asks("hana", expert="topic:Customs")
    call = drawn_at_first("escalate_accept")
    told = [said(one) for one in await asyncio.gather(*(office.window.presses(who, call) for who in ("ken", "emma")))]
    winner = (await office.kept()).taken_by
    assert winner
    assert sorted(says(one, "en", "escalate.taken", holder=winner.name) for one in told) == [False, True]


async def test_who_is_asked_to_join_is_told_to(office: Office) -> None:
    await office.asks("hana", expert="topic:Customs", wanted="join.normal")
    answer = await office.presses("ken", office.at(CUSTOMS), "escalate_accept")
    assert says(said(answer), "en", "escalation.accepted.join")
    assert labels(answer) == ["escalate_answer", "show"]


# --- passed on, and withdrawn -------------------------------------------------------------------------------


async def test_passed_on_the_old_place_says_where_it_went(office: Office) -> None:
    await office.asks("hana", expert="topic:Customs")
    await office.presses("ken", office.at(CUSTOMS), "escalate_accept")
    ken = next(one.id for one in await team(office) if one.name == NAMES["ken"])
    await office.presses("ken", office.at(CUSTOMS), "escalate_pass", expert="supervisors")
    assert says(office.at(CUSTOMS).card["title"], "en", "escalation.went_on", to="the supervisors")
    assert buttons(office.at(CUSTOMS)) == ["show"]
    assert "passed on once" in str(office.at(EMMA).card["footer"])
    assert says(office.at(HANA).card["title"], "ja", "escalation.moved", to="管理者")

    await office.presses("emma", office.at(EMMA), "escalate_pass", expert=f"agent:{ken}")
    assert says(office.at(EMMA).card["title"], "en", "escalation.went_on", to=NAMES["ken"])
    assert "passed on 2 times" in str(office.at(KEN).card["footer"])
    await office.presses("ken", office.at(KEN), "escalate_pass", expert="topic:Customs")
    old, new = office.told(CUSTOMS)
    assert (buttons(old), buttons(new)[0]) == (["show"], "escalate_accept"), "back there it is a message of its own"
    assert [one.details["to"] for one in (await office.events())[-3:]] == [NAMES["emma"], NAMES["ken"], "Customs"]


async def test_to_whom_it_is_passed_may_be_typed(office: Office) -> None:
    await office.asks("hana", expert="supervisors")
    await office.window.types("emma", "/escalate pass 1 Ken")
    await office.delivers()
    assert (await office.kept()).topic == NAMES["ken"]
    assert says(
        said(await office.window.types("ken", "/escalate pass 1 topic:Love")), "en", "escalate.topic", given="Love"
    )
    assert says(said(await office.window.types("ken", "/escalate pass 1 佐藤 花")), "en", "escalate.yourself")


async def test_with_the_inquiry_resolved_nobody_needs_to_answer(office: Office) -> None:
    await office.asks("hana", expert="topic:Customs", wanted="answer.now")
    await office.presses("ken", office.at(CUSTOMS), "escalate_accept")
    await office.window.types("hana", f"/resolve {office.number} It came")
    await office.delivers()
    assert buttons(office.at(CUSTOMS)) == ["show"]
    assert says(office.at(HANA).card["title"], "ja", "escalation.over")
    assert says(said(await office.window.types("ken", "/escalate answer 1")), "en", "escalate.withdrawn")
    assert (await current(office.database, office.number)).is_resolved


@pytest.mark.parametrize("line", ["escalate_answer", "escalate_pass", "resolve"])
async def test_all_change_the_inquiry_before_the_escalation(office: Office, line: str) -> None:
    """In one order, so that of two at once none waits for the other in a ring."""
    await office.asks("hana", expert="topic:Customs")
    given = {
        "escalate_answer": ("ken", "/escalate answer 1", {"answer": "Yes"}),
        "escalate_pass": ("ken", "/escalate pass 1", {"expert": "supervisors"}),
        "resolve": ("hana", f"/resolve {office.number}", {"note": "Done"}),
    }
    user, typed, inputs = given[line]
    form = await office.window.types(user, typed)
    with changed_tables() as changed:
        await office.window.fills(user, form, **inputs)
    assert [one for one in changed if one in ("inquiry", "escalation")] == ["inquiry", "escalation"]


@contextmanager
def changed_tables() -> Iterator[list[str]]:
    """The tables that are updated meanwhile, in order."""
    changed: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE "):
            changed.append(statement.split()[1])

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield changed
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


async def test_who_took_no_direct_messages_hears_of_it_under_the_card(office: Office) -> None:
    await office.delivers()
    office.chat.faults.closed.append(EMMA)
    await office.asks("hana", expert="supervisors")
    [root] = [one for one in office.chat.standing("support") if f"#{office.number}" in one.card["title"]]
    [word] = office.chat.thread(root)
    assert says(word.card["title"], "en", "whisper.closed", person=NAMES["emma"])


async def test_who_has_left_is_not_told_what_was_on_its_way_to_them(office: Office) -> None:
    form = await office.window.types("hana", f"/escalate {office.number}")
    await office.window.fills("hana", form, **(filled(form) | {"tried": "-", "expert": "supervisors"}))
    async with office.database.transaction() as tx:
        await tx.agents.enrol(Handle(SUPPORT.platform, "emma"), NAMES["emma"], None, "en", "UTC")
    await office.delivers()
    assert office.told(EMMA) == []


async def team(office: Office) -> list[Any]:
    async with office.database.snapshot() as tx:
        return list(await tx.agents.all())
