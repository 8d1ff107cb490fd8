"""Who may use which command, as a table: a command without a row fails, and so does a row that is not true."""

from dataclasses import replace

import pytest

from bot import phone_desk
from bot.call import Call
from bot.chat.card import Card, Form, Tone
from bot.chat.command import Command
from bot.chat.invocation import Answer
from bot.domain.advice import Advice, Receipt, Token
from bot.domain.agent import Role
from bot.domain.article import Wording
from bot.domain.escalation import Escalation, Help, Urgency
from bot.domain.events import Act
from bot.domain.phone import Began, Caller, Voice
from bot.domain.prepared import PreparedAdvice
from bot.domain.template import Draft
from bot.ports import Handle
from commands import COMMANDS
from storage.database import Database
from tests.builders import a_message, an_act, an_article, opened
from tests.commands.window import FORMER, STRANGER, Window, current, happened, said
from tests.support.clock import MORNING

PEOPLE = {"stranger": STRANGER, "former agent": FORMER, "agent": "ken", "supervisor": "emma"}
EVERYBODY = set(PEOPLE)
TEAM = {"agent", "supervisor"}

MAY = {
    "/queue": TEAM,
    "/home": TEAM,
    "/day": TEAM,
    "/new ito@example.com The printer does not start": TEAM,
    "/show {free}": TEAM,
    "/claim {free}": TEAM,
    "/release {held}": TEAM,
    "/assign {free} hana": TEAM,
    "/resolve {free} done": TEAM,
    "/reopen {resolved}": TEAM,
    "/answered {held} by phone": TEAM,
    "/wait {held} customer tomorrow": TEAM,
    "/resume {held}": TEAM,
    "/snooze {held} 1h": TEAM,
    "/extend {held} 2h": {"supervisor"},
    "/keep {held}": TEAM,
    "/tag {free} refund": TEAM,
    "/followup {free} tomorrow": TEAM,
    "/phone": TEAM,
    "/phone_start 090-1234-5678": TEAM,
    "/phone_end": TEAM,
    "/phone_still": TEAM,
    "/phone_line 201": TEAM,
    "/help_me": TEAM,
    "/board": {"supervisor"},
    "/whisper": TEAM,
    "/advice {given} used": TEAM,
    "/advice_withdraw {sent}": TEAM,
    "/hush 30m": TEAM,
    "/escalate {free}": TEAM,
    "/escalate_accept {asked}": TEAM,
    "/escalate_answer {asked}": TEAM,
    "/escalate_pass {asked}": TEAM,
    "/escalate_feedback {answered} helpful": TEAM,
    "/history ito@example.com": TEAM,
    "/find parcel": TEAM,
    "/similar {free}": TEAM,
    "/rate {held} {resolved} helpful": TEAM,
    "/customer ito@example.com": TEAM,
    "/customer_edit ito@example.com kana:いとう": TEAM,
    "/customer_note customer:ito@example.com Prefers mail": TEAM,
    "/customer_caution customer:ito@example.com Calls at night": TEAM,
    "/customer_merge {free} {other}": TEAM,
    "/customer_split {joined}": TEAM,
    "/template": TEAM,
    "/template_add": TEAM,
    "/template_edit late": TEAM,
    "/template_retire late": TEAM,
    "/template_versions late": TEAM,
    "/article": TEAM,
    "/article_add": TEAM,
    "/article_draft {used}": TEAM,
    "/article_edit id:{written}": TEAM,
    "/article_approve id:{written}": {"supervisor"},
    "/article_retire id:{written}": TEAM,
    "/article_use id:{written}": TEAM,
    "/prepared": {"supervisor"},
    "/prepared_set Recall": {"supervisor"},
    "/prepared_switch Recall": {"supervisor"},
    "/prepared_remove Recall": {"supervisor"},
    "/sla plain": TEAM,
    "/sla_set plain": {"supervisor"},
    "/sla_who plain": {"supervisor"},
    "/sla_ladder plain": {"supervisor"},
    "/sla_hours office": {"supervisor"},
    "/sla_remove plain": {"supervisor"},
    "/sla_versions": TEAM,
    "/robots": TEAM,
    "/original {held}": {"supervisor"},
    "/language ja": TEAM,
    "/absence today": TEAM,
    "/quiet 22:00 07:00": TEAM,
    "/link": TEAM,
    "/team": TEAM,
    "/agent @yui agent": {"supervisor"},
    "/route support hide": {"supervisor"},
    "/digest": TEAM,
    "/retry": {"supervisor"},
    "/help": EVERYBODY,
}
"""Everything that can be asked, and who is not turned away for who they are."""

ON_CALL = ("/help_me",)
"""What is asked by somebody who is on a call."""


def test_every_command_has_a_row() -> None:
    assert [line[1:].split()[0] for line in MAY] == [command.name for command in COMMANDS]


@pytest.mark.parametrize("line", MAY)
async def test_the_table_is_true(window: Window, database: Database, line: str) -> None:
    say = window.speaker("en")
    await _late_is_kens(database)
    await _plain_is_promised(database)
    await _recall_is_prepared(database)
    for person, user in PEOPLE.items():
        free, held, resolved = [one.number for one in await opened(database, a_message(), a_message(), a_message())]
        await window.types(user if person in TEAM else "ken", f"/claim {held}")
        await window.types("ken", f"/resolve {resolved} done")
        if line.startswith("/resume"):
            await window.types(user if person in TEAM else "ken", f"/wait {held} customer tomorrow note:-")
        if line.startswith(ON_CALL) and person in TEAM:
            await _on_a_call(database, user)
        before = [await current(database, number) for number in (free, held, resolved)]

        other, joined = await _another_customer(database) if "customer_" in line else (0, 0)
        asked, answered = await _escalations(database, free, user) if "escalate_" in line else (0, 0)
        given, sent = await _advice(database, user) if "advice" in line else (0, 0)
        written, used = await _articles(database) if "article" in line else (0, 0)
        answer = await window.types(
            user,
            line.format(
                written=written,
                used=used,
                free=free,
                held=held,
                resolved=resolved,
                other=other,
                joined=joined,
                asked=asked,
                answered=answered,
                given=given,
                sent=sent,
            ),
        )

        if person in MAY[line]:
            assert isinstance(answer, Form) or answer.tone is not Tone.ALERT, answer.title
            continue
        assert isinstance(answer, Card)
        role = say("refused.role", needed=say("choice.supervisor"))
        assert answer.title == (role if person in TEAM else say("refused.stranger", handle=user))
        assert (answer.fields, answer.items, answer.buttons) == ((), (), ()), "whoever may not, reads nothing either"
        assert [await current(database, number) for number in (free, held, resolved)] == before


async def _on_a_call(database: Database, user: str) -> None:
    """Somebody talks with a customer, while another supervisor is there."""
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("workspace", "boss"), "Boss", Role.SUPERVISOR, "en", "UTC")
        agent = await tx.agents.by_handle(Handle("workspace", user))
        assert agent
        told = Began(MORNING, Voice.HAND, Caller("+819012345678"))
        await phone_desk.begin(tx, agent, told, Act(MORNING, "workspace", agent), "support")


async def _advice(database: Database, user: str) -> tuple[int, int]:
    """A note to this person, and one from them; both Hana's if they are none of the team."""
    async with database.transaction() as tx:
        hana, person = [await tx.agents.by_handle(Handle("workspace", one)) for one in ("hana", user)]
        assert hana
        whose = person or hana
        given = await tx.advice.give(Advice(to=whose, text="Ask for the slip.", at=MORNING), None)
        sent = await tx.advice.give(Advice(to=hana, text="Ask for the slip.", at=MORNING, sender=whose), None)
    return given.id, sent.id


async def _articles(database: Database) -> tuple[int, int]:
    """An approved article of Ken's, the agent, with an edit that waits; and a note to Ken whose words helped."""
    async with database.transaction() as tx:
        ken = await tx.agents.by_handle(Handle("workspace", "ken"))
        assert ken
        one = await tx.articles.add(an_article(owner=ken), ken, MORNING)
        shown = one.approve(MORNING.date())
        await tx.articles.save(one, shown, None, MORNING)
        await tx.articles.save(shown, shown.edit(Wording("May it?", "Yes."), ken, MORNING.date()), ken, MORNING)
        helped = await tx.advice.give(Advice(to=ken, text="Ask for the slip.", at=MORNING), None)
        await tx.advice.tell(helped.id, Receipt(Token.HELPED, MORNING))
    return one.id, helped.id


async def _late_is_kens(database: Database) -> None:
    """A template of Ken's, the agent."""
    async with database.transaction() as tx:
        ken = await tx.agents.by_handle(Handle("workspace", "ken"))
        await tx.templates.add(Draft("late", "en", "Late", "We are sorry.", owner=ken), ken, MORNING)


async def _escalations(database: Database, number: int, user: str) -> tuple[int, int]:
    """A question of Hana's, and an answered one of this person's, or of Hana's if they are none of the team."""
    async with database.transaction() as tx:
        hana, ken, person = [await tx.agents.by_handle(Handle("workspace", one)) for one in ("hana", "ken", user)]
        assert hana
        assert ken
        asker, other = (person, hana) if person else (hana, ken)
        one = Escalation(
            number=number, at=MORNING, asker=hana, help=Help.ANSWER, urgency=Urgency.NORMAL, content="Where is it?"
        )
        asked, before = [await tx.escalations.ask(replace(one, asker=each)) for each in (hana, asker)]
        await tx.escalations.save(before, before.give_answer("There", None, other, MORNING))
    return asked.id, before.id


async def _plain_is_promised(database: Database) -> None:
    """A policy for all inquiries."""
    async with database.transaction() as tx:
        await tx.levels.keep(
            "calendars: {office: {time_zone: UTC, week: mon-fri 09:00-18:00}}\n"
            "policies: [{name: plain, calendar: office, first_response: 4h}]\n",
            *(0, None, MORNING, ""),
        )


async def _recall_is_prepared(database: Database) -> None:
    """Prepared advice, which is off."""
    async with database.transaction() as tx:
        emma = await tx.agents.by_handle(Handle("workspace", "emma"))
        assert emma
        rule = PreparedAdvice(id=0, name="Recall", text="Offer a new one.", words=("recall",))
        await tx.prepared.keep(rule, 0, emma, MORNING)


async def _another_customer(database: Database) -> tuple[int, int]:
    """The inquiry of somebody else, to whom a record was joined, and that record."""
    one, joined = await opened(database, a_message(from_address="", from_name="A"), a_message(from_address=""))
    async with database.transaction() as tx:
        await tx.customers.merge(joined.customer.id, one.customer.id, an_act())
    return one.number, joined.customer.id


async def test_a_command_asks_for_an_agent_unless_it_says_otherwise(window: Window, database: Database) -> None:
    async def anything(call: Call) -> Answer:
        raise AssertionError("nobody asked for a role")

    for user in (STRANGER, FORMER):
        answer = await window.with_commands(Command("anything", anything)).types(user, "/anything")
        assert isinstance(answer, Card)
        assert answer.title == window.speaker("en")("refused.stranger", handle=user)


async def test_a_role_taken_away_ends_rights_at_once(window: Window, database: Database) -> None:
    await opened(database)
    await window.types("emma", "/agent @ken none")

    answer = await window.presses("ken", "claim:1001:1")

    assert isinstance(answer, Card)
    assert answer.title == window.speaker("en")("refused.stranger", handle="ken")
    assert await happened(database, 1001) == ["opened"]


async def test_strangers_are_answered_in_the_language_of_their_platform(window: Window) -> None:
    answer = await replace(window, stranger_language="ja").types(STRANGER, "/queue")
    assert isinstance(answer, Card)
    assert answer.title == window.speaker("ja")("refused.stranger", handle=STRANGER)


async def test_help_lists_what_each_may_use(window: Window) -> None:
    verbs = {window.speaker("en")(f"example.{command.name}"): f"/{command.name}" for command in COMMANDS}

    def listed(answer: Answer) -> set[str]:
        assert isinstance(answer, Card)
        return {verbs[str(item.text[0])] for item in answer.items}

    everything = {f"/{command.name}" for command in COMMANDS if "_" not in command.name} | {"/help_me"}
    assert listed(await window.types("emma", "/help")) == everything
    for_supervisors = {"/agent", "/board", "/extend", "/original", "/prepared", "/retry", "/route"}
    assert listed(await window.types("ken", "/help")) == everything - for_supervisors
    assert listed(await window.types(STRANGER, "/help")) == {"/help", "/link"}
    assert listed(await window.types("ken", "/help help")) == {"/help", "/help_me"}
    family = {f"/{command.name}" for command in COMMANDS if command.name.startswith("template")}
    for asked in ("/help template", "/help /Template", "/help ／template"):
        assert listed(await window.types("ken", asked)) == family, asked
    assert listed(await window.types("ken", "/help template-edit")) == {"/template_edit"}
    assert said(await window.types("ken", "/help agent")) == window.speaker("en")("refused.no_command", given="agent")
    answer = await window.types("ken", "/help")
    assert isinstance(answer, Card)
    told = " ".join(str(item.detail[0]) for item in answer.items)
    assert [name for name in family if name.partition("_")[2] not in told] == []


async def test_help_tells_strangers_how_to_join(window: Window) -> None:
    answer = await window.types(STRANGER, "/help")
    assert isinstance(answer, Card)
    assert (window.speaker("en")("refused.stranger", handle=STRANGER),) in answer.lines
