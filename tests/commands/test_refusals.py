"""Every no that a rule can say, as people hear it in both languages. A new Refusal without a row here fails."""

import ast
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import phone_desk
from bot.chat.card import Card, Form, Tone
from bot.chat.invocation import Answer, call
from bot.chat.profile import Profile
from bot.domain.advice import Advice, Receipt, Token
from bot.domain.agent import Role
from bot.domain.events import Act
from bot.domain.phone import Began, Caller, Ended, Voice
from bot.domain.prepared import PreparedAdvice
from bot.domain.template import Draft
from bot.ports import Handle, Joining
from storage.database import Database
from storage.tables import agent, handle, metadata
from tests.builders import SUPPORT, a_message, a_queue, an_act, an_article, opened, stored_mails
from tests.commands.window import STRANGER, TEAM, Window, button_of, code_in, current
from tests.support.clock import MORNING
from tests.support.texts import says

ROOT = Path(__file__).parents[2]
NAMES = {user: name for user, name, _, _ in TEAM}
Situation = Callable[[Window, Database, int], Awaitable[Answer]]
IT = -1
"""Stands for the number of the inquiry that a situation is about; lines say {it}."""


def typed(user: str, line: str, *before: tuple[str, str]) -> Situation:
    """What `user` hears on a line about an unclaimed inquiry, after others have typed theirs."""

    async def happens(window: Window, _database: Database, it: int) -> Answer:
        for other, earlier in before:
            answer = await window.types(other, earlier.format(it=it))
            assert isinstance(answer, Card)
            assert answer.tone is not Tone.ALERT, answer.title
        return await window.types(user, line.format(it=it))

    return happens


def of_hanas_call(line: str) -> Situation:
    """What Ken hears on a line about the call that Hana is on."""

    async def happens(window: Window, database: Database, _it: int) -> Answer:
        await window.types("hana", "/phone_start 03-1234-5678")
        async with database.snapshot() as tx:
            theirs = next(one.call.id for one in await tx.phone.live() if one.call.agent.name == NAMES["hana"])
        return await window.types("ken", f"{line} call:{theirs}")

    return happens


def pressed_late(verb: str, *before: tuple[str, str], writes: bool = False) -> Situation:
    """What Ken, the holder, hears on a button drawn before others did something, or the customer wrote."""

    async def happens(window: Window, database: Database, it: int) -> Answer:
        await window.types("ken", f"/claim {it}")
        old = button_of(await current(database, it), verb, window)
        for other, earlier in before:
            await window.types(other, earlier.format(it=it))
        if writes:
            await _customer_writes(database, it)
        return await window.presses("ken", old)

    return happens


def pressed_unseen(button: str, *before: tuple[str, str], writes: bool = False) -> Situation:
    """What Ken, the holder, hears on such a button, or form, drawn before others did something, or the customer wrote.

    It says {it} for the inquiry, and {seen} for its version.
    """

    async def happens(window: Window, database: Database, it: int) -> Answer:
        await window.types("ken", f"/claim {it}")
        old = button.format(it=it, seen=(await current(database, it)).version)
        for other, earlier in before:
            await window.types(other, earlier.format(it=it))
        if writes:
            await _customer_writes(database, it)
        return await window.presses("ken", old)

    return happens


def a_day_later(promised: str, situation: Situation) -> Situation:
    """The same when so much time to answer was promised, day and night, and a day has passed since."""

    async def happens(window: Window, database: Database, it: int) -> Answer:
        async with database.transaction() as tx:
            await tx.levels.keep(ALWAYS.format(promised=promised), 0, None, MORNING, "")
        window.clock.forward(timedelta(days=1))
        answer = await situation(window, database, it)
        window.clock.set(MORNING)
        return answer

    return happens


def known_as(person: Profile, situation: Situation) -> Situation:
    """The same on a platform that says this of `person`, and knows Emma."""

    async def happens(window: Window, database: Database, it: int) -> Answer:
        return await situation(window.knowing(person, Profile("emma", "Emma Clark")), database, it)

    return happens


def advised(user: str, line: str, *told: Token) -> Situation:
    """What `user` hears on a line about a note of Emma's to Hana, {id}, of which this was told."""

    async def happens(window: Window, database: Database, _it: int) -> Answer:
        async with database.transaction() as tx:
            emma, hana = [await tx.agents.by_handle(Handle("workspace", one)) for one in ("emma", "hana")]
            assert hana
            note = await tx.advice.give(Advice(to=hana, text="Ask for the slip.", at=MORNING, sender=emma), None)
            for token in told:
                await tx.advice.tell(note.id, Receipt(token, MORNING))
        return await window.types(user, line.format(id=note.id))

    return happens


def pressed(user: str, button: str) -> Situation:
    """What `user` hears on a button."""

    async def happens(window: Window, _database: Database, _it: int) -> Answer:
        return await window.presses(user, button)

    return happens


async def whisper_to_whom_nothing_reaches(window: Window, database: Database, _it: int) -> Answer:
    """What Emma hears about somebody of the team who is on no platform any more."""
    async with database.transaction() as tx:
        mika = await tx.agents.enrol(Handle("workspace", "mika"), "Mika", Role.AGENT, "en", "UTC")
        await tx.session.run(sa.delete(handle).where(handle.c.agent_id == mika.id))
    answer = await window.types("emma", "/whisper Mika Hello")
    async with database.transaction() as tx:
        await tx.session.run(sa.update(agent).where(agent.c.id == mika.id).values(role=None))
    return answer


def on_a_call(user: str, situation: Situation) -> Situation:
    """The same while somebody talks with a customer."""

    async def happens(window: Window, database: Database, it: int) -> Answer:
        async with database.transaction() as tx:
            agent = await tx.agents.by_handle(Handle("workspace", user))
            assert agent
            told, act = Began(MORNING, Voice.HAND, Caller("+819012345678")), Act(MORNING, "workspace", agent)
            _, call = await phone_desk.begin(tx, agent, told, act, "support")
        answer = await situation(window, database, it)
        async with database.transaction() as tx:
            await phone_desk.end(tx, call, Ended(MORNING + timedelta(minutes=1), Voice.HAND), act)
        return answer

    return happens


def with_own_code(user: str) -> Situation:
    """What somebody hears who types the code that they have just been given."""

    async def happens(window: Window, _database: Database, _it: int) -> Answer:
        return await window.types(user, f"/link {code_in(await window.types(user, '/link'))}")

    return happens


def without_queues(situation: Situation) -> Situation:
    """The same at a desk that has people, but no queue yet; afterwards there is one."""

    async def happens(window: Window, database: Database, it: int) -> Answer:
        async with database.transaction() as tx:
            for table in reversed(metadata.sorted_tables):
                if table.name not in ("agent", "handle"):
                    await tx.session.run(sa.delete(table))
        answer = await situation(window, database, it)
        await a_queue(database, "support", SUPPORT)
        return answer

    return happens


def of_two_alike(name: str, line: str) -> Situation:
    """What Ken hears when two customers are called by one name, which the search knows by then."""

    async def happens(window: Window, database: Database, _it: int) -> Answer:
        await opened(database, *[a_message(from_address="", from_name=name) for _ in range(2)])
        async with database.transaction() as tx:
            while await tx.search.catch_up(100):
                pass
        return await window.types("ken", line)

    return happens


def with_template(situation: Situation, owner: str = "ken") -> Situation:
    """The same where Ken, or somebody else, or nobody owns a template that is called "mine", and in use."""

    async def happens(window: Window, database: Database, it: int) -> Answer:
        async with database.transaction() as tx:
            whose = await tx.agents.by_handle(Handle("workspace", owner)) if owner else None
            await tx.templates.put([Draft("mine", "en", "Mine", "My text.", owner=whose)], whose, MORNING, "")
        return await situation(window, database, it)

    return happens


def with_article(
    user: str, line: str, owner: str = "ken", *, is_draft: bool = False, retired: bool = False
) -> Situation:
    """What somebody hears on a line about {one}, an article of Ken's, of somebody else's or of nobody's."""

    async def happens(window: Window, database: Database, _it: int) -> Answer:
        async with database.transaction() as tx:
            whose = await tx.agents.by_handle(Handle("workspace", owner)) if owner else None
            draft = an_article(owner=whose, retired=retired)
            one = await tx.articles.add(draft if is_draft else draft.approve(MORNING.date()), None, MORNING)
        return await window.types(user, line.format(one=f"id:{one.id}"))

    return happens


def with_advice(user: str, line: str, *, is_used: bool = True, is_made: bool = False) -> Situation:
    """What somebody hears on a line about {one}, a note of Emma's to Ken, of which she may have made a draft."""

    async def happens(window: Window, database: Database, _it: int) -> Answer:
        async with database.transaction() as tx:
            ken, emma = [await tx.agents.by_handle(Handle("workspace", one)) for one in ("ken", "emma")]
            assert ken
            piece = await tx.advice.give(Advice(to=ken, sender=emma, text="Ask for it.", at=MORNING), None)
            if is_used:
                await tx.advice.tell(piece.id, Receipt(Token.USED, MORNING))
            if is_made:
                await tx.articles.add(an_article(owner=emma, advice=piece.id), emma, MORNING)
        return await window.types(user, line.format(one=piece.id))

    return happens


def filled(user: str, line: str, **inputs: str) -> Situation:
    """What somebody hears who fills these into the form that a line brings, and something good into the rest of it."""

    async def happens(window: Window, _database: Database, _it: int) -> Answer:
        form = await window.types(user, line)
        assert isinstance(form, Form)
        good = {one.name: one.value or "good" for one in form.inputs if one.required}
        return await window.fills(user, form, **good | inputs)

    return happens


def with_policy(situation: Situation) -> Situation:
    """The same where something is promised to all customers, by a policy that is called "plain"."""

    async def happens(window: Window, database: Database, it: int) -> Answer:
        async with database.transaction() as tx:
            if await tx.levels.current() is None:
                await tx.levels.keep(
                    "calendars: {office: {time_zone: UTC, week: mon-fri 09:00-18:00}}\n"
                    "policies: [{name: plain, calendar: office, first_response: 4h}]\n",
                    *(0, None, MORNING, ""),
                )
        return await situation(window, database, it)

    return happens


def with_prepared(situation: Situation, *names: str) -> Situation:
    """The same where pieces of prepared advice are called so, without any condition."""

    async def happens(window: Window, database: Database, it: int) -> Answer:
        async with database.transaction() as tx:
            emma = await tx.agents.by_handle(Handle("workspace", "emma"))
            assert emma
            there = {one.name for one in await tx.prepared.all()}
            for name in sorted({*names} - there):
                await tx.prepared.keep(PreparedAdvice(id=0, name=name, text="Offer a new one."), 0, emma, MORNING)
        return await situation(window, database, it)

    return happens


async def edit_what_was_removed(window: Window, _database: Database, _it: int) -> Answer:
    """What somebody hears on a button that changes prepared advice, once it is gone."""
    old = call("prepared_set", None, 1, rule="id:999")
    return await window.presses("emma", old)


async def fill_in_what_is_retired(window: Window, database: Database, _it: int) -> Answer:
    """What somebody hears on a template's button that was drawn before it was retired."""
    card = await window.types("ken", "/template mine")
    assert isinstance(card, Card)
    await window.types("ken", "/template_retire mine")
    return await window.presses("ken", card.buttons[0].call)


def of_hanas(user: str, line: str, *before: tuple[str, str]) -> Situation:
    """What somebody hears about a question that Hana asked, which lines name as {id}, after others did theirs."""

    async def happens(window: Window, database: Database, it: int) -> Answer:
        form = await window.types("hana", f"/escalate {it}")
        assert isinstance(form, Form)
        await window.fills("hana", form, **{one.name: one.value or "all" for one in form.inputs})
        async with database.snapshot() as tx:
            [one] = await tx.escalations.of_inquiry(it)
        told = [
            await (window.types if each.startswith("/") else window.presses)(other, each.format(it=it, id=one.id))
            for other, each in (*before, (user, line))
        ]
        return told[-1]

    return happens


def once_erased(situation: Situation) -> Situation:
    """The same after its customer was erased."""

    async def happens(window: Window, database: Database, it: int) -> Answer:
        async with database.transaction() as tx:
            await tx.erasures.erase((await current(database, it)).customer.id, "ken")
        return await situation(window, database, it)

    return happens


async def _customer_writes(database: Database, number: int) -> None:
    inquiry = await current(database, number)
    [mail] = await stored_mails(database)
    message = a_message()
    change = inquiry.receive(message, an_act(agent=None, source="mail"))
    async with database.transaction() as tx:
        await tx.inquiries.join([Joining(change, message, mail)])


ALWAYS = """
calendars:
  office:
    time_zone: Asia/Tokyo
    week: {{mon-fri: 09:00-18:00}}
policies:
  - {{name: always, calendar: office, urgent: yes, first_response: {promised}}}
"""
HELD = {"holder": NAMES["hana"], "inquiry": IT}
HANA_HOLDS = ("hana", "/claim {it}")
EMMAS = {"holder": NAMES["emma"], "inquiry": IT}

NOS: dict[str, tuple[Situation, dict[str, object]]] = {
    "refused.stranger": (typed(STRANGER, "/queue"), {"handle": STRANGER}),
    "refused.guest": (
        known_as(Profile("ken", NAMES["ken"], is_member=False), typed("ken", "/claim {it}")),
        {},
    ),
    "refused.role": (typed("ken", "/route support"), {}),
    "refused.no_command": (typed("ken", "/tickets"), {"given": "tickets"}),
    "refused.no_inquiry": (typed("ken", "/show ＃９９９９"), {"inquiry": 9999}),
    "refused.number": (typed("ken", "/claim the first"), {"given": "the"}),
    "refused.nobody": (typed("ken", "/assign {it} otto"), {"given": "otto"}),
    "refused.several": (typed("ken", "/assign {it} l"), {"given": "l", "names": "Emma Clark, Ken Miller"}),
    "refused.no_queue": (typed("ken", "/queue sales"), {"given": "sales", "names": "support"}),
    "claim.yours": (typed("ken", "/claim {it}", ("ken", "/claim {it}")), {"inquiry": IT}),
    "claim.held": (typed("ken", "/claim {it}", HANA_HOLDS), HELD),
    "release.free": (typed("ken", "/release {it}"), {"inquiry": IT}),
    "release.held": (typed("ken", "/release {it}", HANA_HOLDS), HELD),
    "assign.has_it": (
        typed("ken", "/assign {it} hana", HANA_HOLDS),
        {"inquiry": IT, "person": NAMES["hana"]},
    ),
    "assign.not_agent": (typed("ken", "/assign {it} @rei"), {"person": "Rei"}),
    "assign.held": (typed("ken", "/assign {it} me", HANA_HOLDS), HELD),
    "resolve.held": (typed("ken", "/resolve {it} done", HANA_HOLDS), HELD),
    "resolve.wrote_again": (pressed_late("resolve", writes=True), {"inquiry": IT}),
    "help_me.no_call": (typed("hana", "/help me"), {}),
    "help_me.nobody": (on_a_call("emma", typed("emma", "/help me")), {}),
    "whisper.no_such_call": (pressed("emma", "whisper:::call=999"), {"given": "999"}),
    "whisper.which": (
        on_a_call("hana", on_a_call("ken", pressed("emma", "whisper:::reply=Hello"))),
        {"names": f"{NAMES['hana']}, {NAMES['ken']}"},
    ),
    "whisper.nobody_on": (pressed("emma", "whisper:::reply=Hello"), {}),
    "whisper.own": (typed("emma", "/whisper @emma Hello"), {}),
    "whisper.not_yours": (typed("ken", "/whisper @hana Hello"), {"person": NAMES["hana"]}),
    "whisper.unreachable": (whisper_to_whom_nothing_reaches, {"person": "Mika"}),
    "advice.gone": (typed("hana", "/advice 999 seen"), {"given": "999"}),
    "advice.unknown": (advised("hana", "/advice {id} perhaps"), {"given": "perhaps"}),
    "advice.not_yours": (advised("ken", "/advice {id} seen"), {"person": NAMES["hana"]}),
    "advice.not_sender": (advised("ken", "/advice_withdraw {id}"), {}),
    "advice.seen_already": (
        advised("emma", "/advice_withdraw {id}", Token.DELIVERED, Token.SEEN),
        {"person": NAMES["hana"]},
    ),
    "advice.delivered_already": (
        advised("emma", "/advice_withdraw {id}", Token.DELIVERED),
        {"person": NAMES["hana"]},
    ),
    "hush.unknown": (typed("ken", "/hush whenever"), {"given": "whenever"}),
    "hush.past": (typed("ken", "/hush 2020-01-01"), {"given": "2020-01-01"}),
    "escalate.unknown": (typed("ken", "/escalate accept 999999"), {"escalation": 999999}),
    "escalate.topic": (of_hanas("ken", "/escalate pass {id} topic:Love"), {"given": "Love"}),
    "escalate.nobody": (of_hanas("emma", "escalate:{it}::content=Help:wanted=answer.normal"), {}),
    "escalate.yourself": (of_hanas("ken", "/escalate pass {id} 佐藤"), {}),
    "escalate.own": (of_hanas("hana", "/escalate accept {id}"), {"inquiry": IT}),
    "escalate.yours": (of_hanas("ken", "/escalate accept {id}", ("ken", "/escalate accept {id}")), {"inquiry": IT}),
    "escalate.taken": (of_hanas("ken", "/escalate accept {id}", ("emma", "/escalate accept {id}")), EMMAS),
    "escalate.answered": (
        of_hanas("ken", "/escalate accept {id}", ("emma", "escalate_answer::1:escalation={id}:answer=There")),
        {"inquiry": IT, "person": NAMES["emma"]},
    ),
    "escalate.withdrawn": (of_hanas("ken", "/escalate answer {id}", ("ken", "/resolve {it} done")), {"inquiry": IT}),
    "escalate.not_asker": (of_hanas("ken", "/escalate feedback {id} helpful"), {"person": NAMES["hana"]}),
    "escalate.unanswered": (of_hanas("hana", "/escalate feedback {id} helpful"), {}),
    "escalate.fed_back": (
        of_hanas(
            "hana",
            "/escalate feedback {id} helpful",
            ("emma", "escalate_answer::1:escalation={id}:answer=There"),
            ("hana", "/escalate feedback {id} helpful"),
        ),
        {},
    ),
    "reopen.open": (typed("ken", "/reopen {it}"), {"inquiry": IT}),
    "answered.held": (typed("ken", "/answered {it} by phone", HANA_HOLDS), HELD),
    "answered.wrote_again": (pressed_unseen("answered:{it}:{seen}:how=phone", writes=True), {"inquiry": IT}),
    "wait.held": (typed("ken", "/wait {it} customer tomorrow", HANA_HOLDS), HELD),
    "wait.wrote_again": (
        pressed_unseen("wait:{it}:{seen}:whom=customer:until=tomorrow:note=x", writes=True),
        {"inquiry": IT},
    ),
    "wait.not_waiting": (typed("ken", "/resume {it}"), {"inquiry": IT}),
    "wait.whom": (typed("ken", "/wait {it} boss tomorrow"), {"given": "boss"}),
    "snooze.held": (typed("ken", "/snooze {it} 1h", HANA_HOLDS), HELD),
    "extend.target": (typed("emma", "/extend {it} 2h target:lunch The part is late"), {"given": "lunch"}),
    "extend.nothing": (typed("emma", "/extend {it} 2h The part is late"), {"inquiry": IT}),
    "extend.too_short": (a_day_later("60m", typed("emma", "/extend {it} 2h The part is late")), {"inquiry": IT}),
    "keep.held": (typed("ken", "/keep {it}", HANA_HOLDS), HELD),
    "keep.free": (typed("ken", "/keep {it}"), {"inquiry": IT}),
    "tag.many": (typed("ken", "/tag {it} a,b,c,d,e,f,g,h,i"), {"most": 8, "length": 30}),
    "tag.changed": (
        pressed_unseen("tag:{it}:{seen}:tags=refund", ("hana", "/tag {it} urgent")),
        {"inquiry": IT, "tags": "urgent"},
    ),
    "when.unknown": (typed("ken", "/snooze {it} someday"), {"given": "someday"}),
    "when.past": (typed("ken", "/followup {it} 2020-01-01"), {}),
    "when.far": (typed("ken", "/followup {it} 2030-01-01"), {}),
    "when.amount": (typed("emma", "/extend {it} soon The part is late"), {"given": "soon"}),
    "inquiry.resolved": (typed("ken", "/claim {it}", ("hana", "/resolve {it} done")), {"inquiry": IT}),
    "inquiry.erased": (once_erased(typed("ken", "/reopen {it}")), {}),
    "inquiry.changed_hands": (pressed_late("release", ("emma", "/assign {it} hana")), HELD),
    "inquiry.released": (pressed_late("resolve", ("emma", "/release {it}")), {"inquiry": IT}),
    "link.unknown": (typed(STRANGER, "/link K7QM2XWD9A"), {}),
    "link.same": (with_own_code("ken"), {}),
    "language.unknown": (typed("ken", "/language klingon"), {"given": "klingon"}),
    "agent.role": (typed("emma", "/agent @otto boss"), {"given": "boss"}),
    "agent.unknown": (known_as(Profile("yui", "Yui"), typed("emma", "/agent @otto")), {"given": "otto"}),
    "agent.guest": (
        known_as(Profile("otto", "Otto Guest", is_member=False), typed("emma", "/agent @otto agent")),
        {"person": "Otto Guest"},
    ),
    "agent.self": (typed("emma", "/agent @emma none"), {}),
    "customer.unknown": (typed("ken", "/customer nobody@example.com"), {"given": "nobody@example.com"}),
    "customer.several": (of_two_alike("高橋花子", "/customer_edit 高橋花子"), {"given": "高橋花子"}),
    "customer.same": (typed("ken", "/customer_merge {it} #{it}"), {"customer": "Ms Ito"}),
    "customer.not_joined": (typed("ken", "/customer_split 9999"), {"record": 9999}),
    "customer.language": (typed("ken", "/customer_edit {it} language:klingon"), {"given": "klingon"}),
    "new.no_queues": (without_queues(typed("ken", "/new Ito Hello")), {}),
    "article.unknown": (typed("ken", "/article id:999999"), {}),
    "article.nothing_found": (typed("ken", "/article use zebra"), {"given": "zebra"}),
    "article.nobodys": (with_article("ken", "/article_edit {one}", owner=""), {}),
    "article.not_yours": (with_article("hana", "/article_edit {one}"), {"owner": NAMES["ken"]}),
    "article.is_retired": (with_article("ken", "/article_use {one}", retired=True), {}),
    "article.is_draft": (with_article("ken", "/article_use {one}", is_draft=True), {}),
    "article.what": (with_article("ken", "/article_retire {one} do:perhaps"), {"given": "perhaps"}),
    "article.question_missing": (filled("ken", "/article_add", question=" "), {}),
    "article.no_words": (filled("ken", "/article_add", words=" "), {}),
    "article.long_question": (filled("ken", "/article_add", question="x" * 101), {"limit": 100}),
    "article.long_situation": (filled("ken", "/article_add", situation="x" * 501), {"limit": 500}),
    "article.long_words": (filled("ken", "/article_add", words="x" * 3001), {"limit": 3000}),
    "article.bad_kind": (filled("ken", "/article_add", kind="poem"), {"given": "poem"}),
    "article.bad_language": (
        filled("ken", "/article_add", language="klingon"),
        {"given": "klingon", "names": "en, ja"},
    ),
    "article.no_advice": (with_advice("hana", "/article_draft {one}"), {}),
    "article.not_used": (with_advice("ken", "/article_draft {one}", is_used=False), {}),
    "article.made_already": (with_advice("ken", "/article_draft {one}", is_made=True), {}),
    "template.unknown": (typed("ken", "/template edit late"), {"given": "late"}),
    "template.nothing_found": (typed("ken", "/template zebra {it}"), {"given": "zebra"}),
    "template.bad_name": (filled("ken", "/template_add", name="a b"), {"given": "a b", "limit": 40}),
    "template.action_name": (filled("ken", "/template_add", name="ＥＤＩＴ"), {"given": "edit"}),
    "template.bad_language": (filled("ken", "/template_add", language="klingon"), {"given": "klingon"}),
    "template.bad_title": (filled("ken", "/template_add", title="x" * 101), {"length": 101, "limit": 100}),
    "template.bad_body": (filled("ken", "/template_add", body="x" * 3001), {"length": 3001, "limit": 3000}),
    "template.long_variable": (
        filled("ken", "/template_add", body="{" + "x" * 41 + "}"),
        {"given": "x" * 40 + "…", "limit": 40},
    ),
    "template.many_variables": (
        filled("ken", "/template_add", body="{a}{b}{c}{d}{e}{f}"),
        {"names": "a, b, c, d, e, f", "limit": 5},
    ),
    "template.exists": (with_template(filled("ken", "/template_add", name="mine", language="en")), {"name": "mine"}),
    "template.no_version": (with_template(typed("ken", "/template_versions mine 1 7")), {"given": 7, "newest": 1}),
    "template.is_retired": (with_template(fill_in_what_is_retired), {"name": "mine"}),
    "template.not_yours": (
        with_template(typed("hana", "/template_edit mine")),
        {"name": "mine", "owner": NAMES["ken"]},
    ),
    "template.nobodys": (with_template(typed("hana", "/template_edit mine"), owner=""), {"name": "mine"}),
    "template.bad_date": (
        with_template(filled("ken", "/template_edit mine", review="soon")),
        {"given": "soon"},
    ),
    "template.what": (with_template(typed("ken", "/template_retire mine perhaps")), {"given": "perhaps"}),
    "prepared.unknown": (typed("emma", "/prepared nothing"), {"given": "nothing"}),
    "prepared.several": (
        with_prepared(typed("emma", "/prepared recall"), "Recall A", "Recall B"),
        {"given": "recall", "names": "Recall A, Recall B"},
    ),
    "prepared.gone": (edit_what_was_removed, {}),
    "prepared.turn": (
        with_prepared(typed("emma", "/prepared_switch Recall A turn:perhaps"), "Recall A"),
        {"given": "perhaps"},
    ),
    "prepared.needs_a_condition": (
        with_prepared(typed("emma", "/prepared_switch Recall A"), "Recall A"),
        {"name": "Recall A"},
    ),
    "levels.none": (typed("ken", "/sla gold"), {}),
    "levels.unknown": (with_policy(typed("ken", "/sla gold")), {"given": "gold", "names": "plain"}),
    "levels.bad_name": (typed("emma", f"/sla_set {'x' * 31}"), {"given": "x" * 29 + "…", "limit": 30}),
    "levels.no_calendar": (
        with_policy(typed("emma", "/sla_set plain calendar:night")),
        {"given": "night", "names": "office"},
    ),
    "levels.no_version": (with_policy(typed("ken", "/sla_versions 7")), {"given": 7, "newest": 1}),
    "find.words": (typed("ken", "/find 〜！？ queue:support"), {}),
    "find.when": (typed("ken", "/find parcel since:lately"), {"given": "lately"}),
    "find.status": (typed("ken", "/find parcel status:lost"), {"given": "lost"}),
    "find.kind": (typed("ken", "/find parcel kind:customer"), {"given": "customer"}),
    "rate.verdict": (typed("ken", "/rate {it} {it} perhaps"), {"given": "perhaps"}),
    "rate.itself": (typed("ken", "/rate {it} {it} helpful"), {}),
    "absence.order": (typed("ken", "/absence 2026-05-05 2026-05-01"), {}),
    "quiet.unknown": (typed("ken", "/quiet late early"), {"given": "late early"}),
    "quiet.same": (typed("ken", "/quiet 22:00 22時"), {}),
    "route.name": (typed("emma", "/route a/b"), {"given": "a/b"}),
    "route.what": (typed("emma", "/route support perhaps"), {"given": "perhaps"}),
    "phone.nobody": (typed("ken", "/phone_start nobody@example.com"), {"given": "nobody@example.com"}),
    "phone.no_call": (typed("ken", "/phone call:9999"), {}),
    "phone.not_yours": (of_hanas_call("/phone_end"), {"person": NAMES["hana"]}),
    "phone.outcome_unknown": (
        typed("ken", "/phone_end perhaps"),
        {"given": "perhaps", "names": "settled, open, call_back, wrong_number"},
    ),
    "phone.line_unknown": (typed("ken", "/phone_line ---"), {"given": "---"}),
    "phone.line_taken": (
        typed("ken", "/phone_line 201", ("hana", "/phone_line 201")),
        {"line": "201", "person": NAMES["hana"]},
    ),
    "phone.line_not_yours": (typed("ken", "/phone_line 202 person:hana"), {"person": NAMES["hana"]}),
    "phone.line_stranger": (typed("emma", "/phone_line 202 person:rei"), {"person": "Rei"}),
    "board.where": (typed("emma", "/board where:there"), {"given": "there"}),
}


def test_every_refusal_that_the_code_can_raise_has_a_row() -> None:
    raised = {key for folder in ("bot", "commands") for path in (ROOT / folder).rglob("*.py") for key in _keys(path)}
    assert raised == set(NOS)


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_every_refusal_in_words(database: Database, window: Window, language: str) -> None:
    for user, *_ in TEAM:
        await window.types(user, f"/language {language}")
    local = replace(window, stranger_language=language)
    for key, (situation, details) in NOS.items():
        numbers = [one.number for one in await opened(database, a_message())]
        answer = await situation(local, database, *numbers)

        assert isinstance(answer, Card)
        assert answer.tone is Tone.ALERT
        about = {name: numbers[0] if value == IT else value for name, value in details.items()}
        assert says(answer.title, language, key, **about), answer.title
        if IT in details.values():
            assert answer.buttons, f"{key}: with the inquiry as it is now"


def _keys(path: Path) -> set[str]:
    """The keys of every Refusal that a module makes; a choice between two counts as both."""
    keys: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("Refusal", "held", "_must_be_theirs") and node.args:
                keys |= {
                    each.value
                    for each in ast.walk(node.args[0 if name == "Refusal" else -1])
                    if isinstance(each, ast.Constant) and isinstance(each.value, str) and "." in each.value
                }
    return keys
