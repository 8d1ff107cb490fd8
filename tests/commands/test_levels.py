"""Service levels as people see and set them: previews, forms, refusals, two at once, and the way back."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from adapters.operations.metrics import Metrics
from bot.chat.card import Card, Form, Tone
from bot.chat.invocation import Answer, Invocation, pressed
from bot.chat.text import words
from bot.dispatch import Dispatch
from bot.domain.folding import folded
from bot.domain.levels import Level, Levels
from bot.domain.policy import Target
from bot.level_file import read
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from tests.builders import a_message, an_act, opened
from tests.commands.window import Window, labels, rows, said
from tests.support.clock import MORNING, Clock
from tests.support.texts import says

BODY = """
calendars:
  office:
    time_zone: Asia/Tokyo
    week: mon-fri 09:00-12:00, 13:00-18:00
    holidays: JP
    closed: 2026-12-29..2027-01-03
policies:
  - name: VIP
    ranks: [vip]
    calendar: office
    urgent: yes
    first_response: 1h
  - name: standard
    calendar: office
    first_response: 1h
    resolution: 8h
    warn: [50, 80]
    overdue: [1h, 3h]
    tell: Emma Clark
"""
SET = {"first_response": "2h", "next_response": "", "resolution": "8h", "warn": "50, 80", "overdue": "1h, 3h"}
HOURS = {"time_zone": "Asia/Tokyo", "week": "月-金 10:00-16:00", "holidays": "JP", "closed": "", "open": ""}


@pytest.fixture
async def desk(window: Window, database: Database) -> Window:
    """The window, where Emma's team has laid down two policies."""
    async with database.transaction() as tx:
        await tx.levels.keep(BODY, 0, None, MORNING, "first")
    return window


async def held(database: Database) -> Levels:
    async with database.snapshot() as tx:
        kept = await tx.levels.current()
    return read(kept.body) if kept else Levels()


async def level(database: Database, name: str = "standard") -> Level:
    found = (await held(database)).named(name)
    assert found
    return found


async def version(database: Database) -> int:
    async with database.snapshot() as tx:
        kept = await tx.levels.current()
    return kept.version if kept else 0


def lines(answer: Answer) -> list[str]:
    assert isinstance(answer, Card), answer
    return [words(line) for line in answer.lines]


def fields(answer: Answer) -> dict[str, str]:
    assert isinstance(answer, Card), answer
    return {one.label: words(one.value) for one in answer.fields}


def values(answer: Answer) -> dict[str, str]:
    assert isinstance(answer, Form), answer
    return {one.name: one.value for one in answer.inputs}


def button(answer: Answer, verb: str, **options: str) -> str:
    """The call of a button of that verb on the card or in its rows."""
    assert isinstance(answer, Card), answer
    calls = [one.call for one in (*answer.buttons, *(item.button for item in answer.items if item.button))]
    return next(one for one in calls if pressed(one)[0] == verb and options.items() <= pressed(one)[1].items())


# --- seeing -------------------------------------------------------------------------------------------------


async def test_over_a_document_that_nobody_can_read_what_held_before_is_seen_and_changed(
    desk: Window, database: Database
) -> None:
    async with database.transaction() as tx:
        await tx.levels.keep("policies: nonsense", 1, None, MORNING, "another Madoguchi")
    assert rows(await desk.types("ken", "/sla")) == ["1. VIP", "2. standard"]
    await desk.fills("emma", await desk.types("emma", "/sla set standard"), **SET)
    assert await version(database) == 3
    assert [one.name for one in (await held(database)).levels] == ["VIP", "standard"]


async def test_all_policies_in_order_with_a_button_each(desk: Window) -> None:
    card = await desk.types("ken", "/sla")
    assert rows(card) == ["1. VIP", "2. standard"]
    assert isinstance(card, Card)
    details = [words(item.detail) for item in card.items]
    assert details[0].startswith("rank vip · First response 1 hour · Day and night")
    assert "All inquiries · First response 1 hour, Resolution 8 hours · Business hours of office" in details[1]
    assert "Told at 50%, 80%, when due, overdue 1 hour, 3 hours (in the end Emma Clark)" in details[1]
    assert labels(card) == ["sla_versions"], "agents look"
    assert labels(await desk.types("emma", "/sla")) == ["sla_set", "sla_hours", "sla_versions"]
    one = await desk.presses("ken", button(card, "sla", policy="standard"))
    assert said(one) == "standard"


@pytest.mark.parametrize(
    ("user", "heading", "due"),
    [
        ("ken", "A mail on Fri, Apr 3 17:35 is due:", "First response (1 hour): Mon, Apr 6 09:35"),
        ("hana", "4月3日(金) 17:35 に届いたメールの期限：", "初回返信（1時間）：4月6日(月) 09:35"),
    ],
)
async def test_a_preview_for_a_moment(desk: Window, user: str, heading: str, due: str) -> None:
    told = lines(await desk.types(user, '/sla standard at:"fri 17:35"'))
    assert told[:2] == [heading, due]
    assert len(told) == 3


async def test_the_issues_own_preview(desk: Window, clock: Clock) -> None:
    clock.set(datetime(2026, 11, 19, 1, 0, tzinfo=UTC))
    form = await desk.types("emma", "/sla set standard")
    saved = await desk.fills("emma", form, first_response="30m")
    assert "First response: Thu, Nov 19 10:30 (before: Thu, Nov 19 11:00)" in lines(saved)
    told = lines(await desk.types("ken", "/sla standard at:金曜17:35"))
    assert told[1] == "First response (30 minutes): Tue, Nov 24 09:05", "Monday 23 is a holiday"


async def test_a_preview_of_now_with_hours_and_the_next_closing_days(desk: Window) -> None:
    card = await desk.types("ken", "/sla STANDARD")
    assert lines(card)[:2] == ["A mail now (Wed, Apr 1 10:00) is due:", "First response (1 hour): Wed, Apr 1 11:00"]
    told = fields(card)
    assert told["Hours of office"] == "Mon–Fri 09:00–12:00, 13:00–18:00 · Asia/Tokyo · public holidays JP"
    assert told["Closed next"].startswith("Wed, Apr 29 (public holiday) · Mon, May 4–Wed, May 6 (public holiday)")
    assert "Emma Clark" in told["Who is told when"]
    assert labels(card) == []
    supervisors = ["sla_set", "sla_who", "sla_ladder", "sla_hours", "sla_remove"]
    assert labels(await desk.types("emma", "/sla standard")) == supervisors


async def test_in_japanese(desk: Window) -> None:
    told = fields(await desk.types("hana", "/sla standard"))
    assert told["営業時間「office」"] == "月〜金 09:00–12:00, 13:00–18:00 · Asia/Tokyo · 祝日 JP"
    assert told["次の休業日"].startswith("4月29日(水) 祝日 · 5月4日(月)〜5月6日(水) 祝日 · ")
    assert told["お知らせ"].splitlines() == [
        "50%、80% 経過時と期限：担当者に通知（未担当ならチャンネルに）",
        "1時間超過：管理者にも通知",
        "3時間超過：Emma Clarkにも通知",
    ]


async def test_without_policies_it_says_how_to_begin(window: Window) -> None:
    card = await window.types("emma", "/sla")
    assert said(card) == "Nothing is promised to customers yet"
    form = await window.presses("emma", button(card, "sla_set"))
    assert list(values(form)) == ["policy"]


async def test_policies_are_suggested_by_name(desk: Window, database: Database, clock: Clock) -> None:
    dispatch = Dispatch(database, COMMANDS, Translator(), clock, Metrics(), "en", "UTC")
    for verb in ("sla", "sla_who"):
        asked = Invocation("workspace", "emma", verb)
        assert [one.value for one in await dispatch.complete(asked, "policy", "ｓｔａｎ")] == ["standard"]


async def test_a_moment_that_nobody_understands(desk: Window) -> None:
    answer = await desk.types("ken", "/sla standard at:someday")
    assert says(said(answer), "en", "when.unknown", given="someday")


# --- an inquiry ---------------------------------------------------------------------------------------------


async def test_an_inquiry_with_its_policy_and_clocks(desk: Window, database: Database, clock: Clock) -> None:
    [one] = await opened(database, a_message())
    clock.forward(timedelta(minutes=20))
    card = await desk.types("ken", f"/sla {one.number}")
    assert said(card) == f"#{one.number}: policy standard"
    assert lines(card) == ["The parcel is late", "Why: All inquiries"]
    assert fields(card) == {
        "First response": "Due 11:00, 40 minutes left",
        "Resolution": "Due Apr 2 10:00, 7 hours 40 minutes left",
    }
    clock.forward(timedelta(hours=1))
    late = await desk.types("ken", f"/sla #{one.number}")
    assert fields(late)["First response"] == "Was due 11:00, 20 minutes overdue"
    assert isinstance(late, Card)
    assert late.tone is Tone.ALERT


async def test_clocks_that_stand_still_and_that_ended(desk: Window, database: Database, clock: Clock) -> None:
    [one] = await opened(database, a_message())
    await desk.types("ken", f"/claim {one.number}")
    async with database.transaction() as tx:
        inquiry = await tx.inquiries.get(one.number)
        assert inquiry
        await tx.inquiries.save(inquiry.answer(an_act(minutes=30), "Hana", MORNING))
    clock.forward(timedelta(hours=2))
    told = fields(await desk.types("ken", f"/sla {one.number}"))
    assert told["First response"] == "Done in time 10:30 (due 11:00)"
    assert told["Resolution"] == "Stands still, 7 hours 30 minutes left (waiting for the customer)"
    await desk.types("ken", f"/resolve {one.number} done")
    told = fields(await desk.types("ken", f"/sla {one.number}"))
    assert told["Resolution"].startswith("Done")


async def test_the_thread_of_a_card_says_the_inquiry(desk: Window, database: Database) -> None:
    [one] = await opened(database)
    answer = await desk.presses("ken", f"sla:{one.number}")
    assert said(answer) == f"#{one.number}: policy standard"


async def test_an_inquiry_of_which_nothing_is_promised(window: Window, database: Database) -> None:
    [one] = await opened(database)
    assert said(await window.types("ken", f"/sla {one.number}")) == f"#{one.number}: nothing is promised"


# --- setting ------------------------------------------------------------------------------------------------


async def test_times_are_set_by_a_form_that_shows_what_holds(desk: Window, database: Database) -> None:
    form = await desk.presses("emma", button(await desk.types("emma", "/sla standard"), "sla_set"))
    assert values(form) == SET | {"first_response": "1h"}
    card = await desk.fills("emma", form, **SET)
    assert said(card) == "Saved: standard"
    assert lines(card)[0] == "standard, First response: 1 hour → 2 hours"
    assert "First response: Wed, Apr 1 12:00 (before: Wed, Apr 1 11:00)" in lines(card)
    assert (await level(database)).policy.targets[Target.FIRST_RESPONSE] == timedelta(hours=2)
    assert await version(database) == 2
    async with database.snapshot() as tx:
        kept = await tx.levels.current()
    assert kept
    assert (kept.by and kept.by.name, kept.why) == ("Emma Clark", "standard, First response: 1 hour → 2 hours")


async def test_what_cannot_be_read_comes_back_with_all_that_was_typed(desk: Window, database: Database) -> None:
    form = await desk.types("emma", "/sla set standard")
    again = await desk.fills(
        "emma", form, **SET | {"next_response": "2 days", "warn": "half", "overdue": "30分、2時間"}
    )
    assert isinstance(again, Form)
    assert "Next response: “2 days” is no amount of business time" in again.intro
    assert "“half” is no share" in again.intro
    assert values(again) == SET | {"next_response": "2 days", "warn": "half", "overdue": "30分、2時間"}
    assert await version(database) == 1
    saved = await desk.fills("emma", again, **SET | {"next_response": "16h", "warn": "90%", "overdue": "30分、2時間"})
    assert said(saved) == "Saved: standard"
    policy = (await level(database)).policy
    assert (policy.warn, policy.overdue) == ((90,), (timedelta(minutes=30), timedelta(hours=2)))


async def test_a_form_that_a_button_brings_back_holds_what_was_typed(desk: Window, database: Database) -> None:
    form = await desk.types("emma", "/sla set standard")
    again = await desk.fills("emma", form, **SET | {"first_response": "soon", "overdue": ""})
    assert isinstance(again, Form)
    assert len(again.call) <= 100
    once_more = await desk.presses("emma", again.call)
    assert values(once_more) == SET | {"first_response": "soon", "overdue": ""}
    assert await version(database) == 1


async def test_a_new_policy_stands_last_and_says_that_it_never_gets_a_turn(desk: Window, database: Database) -> None:
    form = await desk.types("emma", "/sla set Key accounts")
    assert isinstance(form, Form)
    card = await desk.fills("emma", form, **SET)
    assert said(card) == "New policy: Key accounts"
    assert lines(card)[0].startswith("“standard” comes first")
    assert [one.name for one in (await held(database)).levels] == ["VIP", "standard", "Key accounts"]
    await desk.presses("emma", button(card, "sla_set", before="first"))
    assert [one.name for one in (await held(database)).levels] == ["Key accounts", "VIP", "standard"]


async def test_a_policy_moves_before_another(desk: Window, database: Database) -> None:
    card = await desk.types("emma", "/sla set standard before:vip")
    assert "Order: standard → VIP" in lines(card)
    assert [one.name for one in (await held(database)).levels] == ["standard", "VIP"]
    await desk.types("emma", "/sla set standard before:last")
    assert [one.name for one in (await held(database)).levels] == ["VIP", "standard"]


async def test_the_first_policy_makes_its_hours(window: Window, database: Database) -> None:
    form = await window.types("emma", "/sla set standard")
    assert said(await window.fills("emma", form, **SET)) == "New policy: standard"
    found = await held(database)
    assert found.calendars["office"].zone == "Asia/Tokyo"
    assert found.calendars["office"].holidays == "JP"


async def test_whom_a_policy_is_for(desk: Window, database: Database) -> None:
    form = await desk.types("emma", "/sla who standard")
    wrong = {"queues": "sales", "tags": "", "ranks": "", "languages": "klingon", "urgent": "no"}
    again = await desk.fills("emma", form, **wrong)
    assert isinstance(again, Form)
    assert "There is no queue" in again.intro
    assert "support" in again.intro
    assert "“klingon” is no language" in again.intro
    assert values(again) == wrong
    right = {"queues": "Support", "tags": "Refund、 返品", "ranks": "-", "languages": "JA, en", "urgent": "yes"}
    assert said(await desk.fills("emma", again, **right)) == "Saved: standard"
    found = await level(database)
    assert (found.queues, found.tags, found.ranks) == (
        frozenset(["support"]),
        frozenset(["refund", "返品"]),
        frozenset(),
    )
    assert (found.languages, found.policy.urgent) == (frozenset(["ja", "en"]), True)


async def test_the_ladder(desk: Window, database: Database) -> None:
    form = await desk.types("emma", "/sla ladder VIP")
    wrong = {"tell": "otto", "untouched": "", "hand_back": "2h", "remind_after": "7", "offer_closing": "3"}
    again = await desk.fills("emma", form, **wrong)
    assert isinstance(again, Form)
    assert "otto" in again.intro
    assert "Ken Miller" in again.intro
    assert values(again) == wrong
    right = {"tell": "ken", "untouched": "4h", "hand_back": "2h", "remind_after": "3", "offer_closing": "7"}
    await desk.fills("emma", again, **right)
    found = await level(database, "VIP")
    assert (found.person, found.untouched, found.hand_back) == ("Ken Miller", timedelta(hours=4), timedelta(hours=2))
    assert (found.remind_after, found.offer_closing) == (3, 7)
    again = await desk.fills("emma", await desk.types("emma", "/sla ladder VIP"), **right | {"untouched": ""})
    assert isinstance(again, Form)
    assert "from when the holder was asked" in again.intro


async def test_hours(desk: Window, database: Database) -> None:
    form = await desk.types("emma", "/sla hours")
    assert values(form)["week"] == "mon-fri 09:00-12:00, 13:00-18:00"
    assert values(form)["closed"] == "2026-12-29..2027-01-03"
    wrong = HOURS | {"time_zone": "Asia/Tokio", "week": "mon-fri 9-25", "holidays": "Atlantis", "open": "2026-04-04"}
    again = await desk.fills("emma", form, **wrong)
    assert isinstance(again, Form)
    for given in ("Asia/Tokio", "9-25", "Atlantis", "2026-04-04"):
        assert given in again.intro
    assert values(again) == wrong
    card = await desk.fills("emma", again, **HOURS | {"open": "2026-04-04 10:00-12:00", "closed": "2026-04-02"})
    assert said(card) == "Saved: office"
    told = lines(card)
    assert "office, Business hours: Mon–Fri 09:00–12:00, 13:00–18:00 → Mon–Fri 10:00–16:00" in told
    assert "office, closed: Thu, Apr 2" in told
    assert "office, other hours: Sat, Apr 4 10:00–12:00" in told
    assert "Resolution: Fri, Apr 3 12:00 (before: Thu, Apr 2 10:00)" in told
    assert not any(line.startswith("VIP:") for line in told), "urgent ones do not follow the hours"
    assert [str(day) for day in (await held(database)).calendars["office"].closed] == ["2026-04-02"]


async def test_closing_days_that_are_long_over_stay(desk: Window, database: Database, clock: Clock) -> None:
    clock.set(datetime(2027, 6, 1, 1, 0, tzinfo=UTC))
    form = await desk.types("emma", "/sla hours office")
    assert values(form)["closed"] == ""
    await desk.fills("emma", form, **HOURS | {"closed": "2027-08-13"})
    assert len((await held(database)).calendars["office"].closed) == 7


async def test_another_calendar_is_made_and_used(desk: Window, database: Database) -> None:
    form = await desk.types("emma", "/sla hours night")
    await desk.fills("emma", form, **HOURS | {"week": "daily 18:00-24:00"})
    card = await desk.types("emma", "/sla set standard calendar:night")
    assert lines(card)[0] == "standard, Counts: Business hours of office → Business hours of night"
    assert (await level(database)).calendar == "night"
    choose = await desk.types("emma", "/sla hours")
    assert rows(choose) == ["office", "night"]


async def test_removing_asks_first_and_can_be_taken_back(desk: Window, database: Database) -> None:
    card = await desk.types("emma", "/sla remove VIP")
    assert await version(database) == 1
    gone = await desk.presses("emma", button(card, "sla_remove"))
    assert (said(gone), lines(gone)[0]) == ("Removed: VIP", "Policy VIP: removed")
    assert (await held(database)).named("VIP") is None
    shown = await desk.presses("emma", button(gone, "sla_versions"))
    assert "Policy VIP: new (rank vip · First response 1 hour)" in lines(shown)
    assert "VIP: a mail now (Wed, Apr 1 10:00) is due:" in lines(shown)
    back = await desk.presses("emma", button(shown, "sla_versions", back="1"))
    assert said(back) == "Back to version 1"
    assert (await held(database)).named("VIP")
    assert await version(database) == 3


async def test_nothing_new_makes_no_version(desk: Window, database: Database) -> None:
    form = await desk.types("emma", "/sla set standard")
    answer = await desk.fills("emma", form, **values(form))
    assert said(answer) == "“standard” is as it was: nothing changed."
    assert await version(database) == 1


# --- two at once --------------------------------------------------------------------------------------------


async def test_who_comes_second_is_told_and_loses_nothing(desk: Window, database: Database) -> None:
    first, second = [await desk.types("emma", "/sla set standard") for _ in range(2)]
    await desk.fills("emma", first, **SET | {"first_response": "3h"})
    again = await desk.fills("emma", second, **SET | {"resolution": "24h"})
    assert isinstance(again, Form)
    assert "Emma Clark changed this" in again.intro
    assert "standard, First response: 1 hour → 3 hours" in again.intro
    assert values(again) == SET | {"resolution": "24h"}
    assert await version(database) == 2
    assert said(await desk.fills("emma", again, **values(again))) == "Saved: standard"


async def test_what_the_second_left_alone_follows_the_first(desk: Window, database: Database) -> None:
    first, second = [await desk.types("emma", "/sla set standard") for _ in range(2)]
    await desk.fills("emma", first, **values(first) | {"first_response": "3h"})
    again = await desk.fills("emma", second, **values(second) | {"resolution": "24h"})
    wanted = values(second) | {"first_response": "3h", "resolution": "24h"}
    assert values(again) == wanted
    assert isinstance(again, Form)
    assert values(await desk.presses("emma", again.call)) == wanted
    await desk.fills("emma", again, **values(again))
    targets = (await level(database)).policy.targets
    assert targets == {Target.FIRST_RESPONSE: timedelta(hours=3), Target.RESOLUTION: timedelta(hours=24)}


async def test_a_race_lost_at_the_very_moment_is_told_as_well(desk: Window, database: Database) -> None:
    forms = [await desk.types("emma", "/sla set standard") for _ in range(4)]
    answers = await asyncio.gather(
        *(desk.fills("emma", form, **SET | {"first_response": f"{place}h"}) for place, form in enumerate(forms, 2))
    )
    saved = [one for one in answers if isinstance(one, Card)]
    again = [one for one in answers if isinstance(one, Form)]
    assert [said(one) for one in saved] == ["Saved: standard"]
    assert len(again) == 3
    assert all("Emma Clark changed this" in one.intro for one in again)
    assert await version(database) == 2


async def test_changes_of_different_things_do_not_disturb_one_another(desk: Window, database: Database) -> None:
    times, ladder = await desk.types("emma", "/sla set standard"), await desk.types("emma", "/sla ladder standard")
    hours = await desk.types("emma", "/sla hours")
    await desk.fills("emma", times, **SET)
    await desk.fills("emma", ladder, **values(ladder) | {"untouched": "4h"})
    await desk.fills("emma", hours, **HOURS)
    found = await level(database)
    assert (found.policy.targets[Target.FIRST_RESPONSE], found.untouched) == (timedelta(hours=2), timedelta(hours=4))
    assert await version(database) == 4


async def test_a_removal_that_others_changed_is_asked_again(desk: Window, database: Database) -> None:
    card = await desk.types("emma", "/sla remove standard")
    await desk.fills("emma", await desk.types("emma", "/sla set standard"), **SET)
    asked = await desk.presses("emma", button(card, "sla_remove"))
    assert says(said(asked), "en", "levels.really_remove", name="standard")
    assert "standard, First response: 1 hour → 2 hours" in lines(asked)
    await desk.presses("emma", button(asked, "sla_remove"))
    assert (await held(database)).named("standard") is None


async def test_going_back_shows_what_others_changed_since(desk: Window, database: Database) -> None:
    await desk.fills("emma", await desk.types("emma", "/sla set standard"), **SET)
    shown = await desk.types("emma", "/sla versions 1")
    await desk.fills("emma", await desk.types("emma", "/sla hours"), **HOURS)
    again = await desk.presses("emma", button(shown, "sla_versions", back="1"))
    assert any("Emma Clark changed this" in line for line in lines(again))
    assert await version(database) == 3
    await desk.presses("emma", button(again, "sla_versions", back="1"))
    assert (await held(database)) == read(BODY)


# --- versions -----------------------------------------------------------------------------------------------


async def test_versions_say_who_changed_what_the_newest_first(desk: Window) -> None:
    await desk.fills("emma", await desk.types("emma", "/sla set standard"), **SET)
    card = await desk.types("hana", "/sla versions")
    assert rows(card) == ["第2版 · Emma Clark · 10:00", "第1版 · 窓口システム · 10:00"]
    assert isinstance(card, Card)
    assert [words(item.detail) for item in card.items] == [
        "standard の初回返信：1時間 → 2時間",
        "最初の版：VIP、standard",
    ], "in the reader's language, whoever wrote it"
    shown = await desk.presses("hana", button(card, "sla_versions", to="1"))
    assert labels(shown) == ["sla_versions"], "agents look"
    assert "sla_versions:::back" not in "".join(one.call for one in shown.buttons)  # type: ignore[union-attr]


async def test_many_versions_have_pages(desk: Window) -> None:
    for hours in range(2, 10):
        form = await desk.types("emma", "/sla set standard")
        await desk.fills("emma", form, **SET | {"first_response": f"{hours}h"})
    card = await desk.types("ken", "/sla versions")
    assert [row.partition(" · ")[0] for row in rows(card)] == [f"Version {number}" for number in (9, 8, 7, 6, 5, 4)]
    older = await desk.presses("ken", button(card, "sla_versions", page="2"))
    assert [row.partition(" · ")[0] for row in rows(older)] == ["Version 3", "Version 2", "Version 1"]
    assert isinstance(card, Card)
    assert words(card.items[-1].detail) == "standard, First response: 3 hours → 4 hours"


# --- forms on every platform --------------------------------------------------------------------------------


@pytest.mark.parametrize("user", ["emma", "hana"])
async def test_forms_fit_every_platform(desk: Window, user: str) -> None:
    await desk.types("emma", "/agent @hana supervisor")
    for line in (
        "/sla set",
        "/sla set standard",
        "/sla who standard",
        "/sla ladder standard",
        "/sla hours",
        "/sla who",
    ):
        form = await desk.types(user, line)
        assert isinstance(form, Form), line
        assert len(form.inputs) <= 5
        assert len(form.title) <= 24
        assert len(form.call) <= 100
        for one in form.inputs:
            assert (len(one.label) <= 45, len(one.hint) <= 100) == (True, True), one


async def test_buttons_of_the_longest_name_fit(desk: Window) -> None:
    name = "ア" * 30
    form = await desk.types("emma", f"/sla set {name}")
    assert isinstance(form, Form)
    assert len(form.title) <= 24
    await desk.fills("emma", form, **SET)
    card = await desk.types("emma", f"/sla {name}")
    assert isinstance(card, Card)
    assert len(card.buttons) == 5
    assert max(len(one.call) for one in card.buttons) <= 100


HOSTILE: Mapping[str, str] = {
    "first_response": "1h; DROP TABLE levels",
    "next_response": "99999999999h",
    "resolution": "<!channel>",
    "warn": "1e3, -5, 100",
    "overdue": "{0.__class__}",
}


async def test_hostile_words_are_refused_in_words(desk: Window, database: Database) -> None:
    for name, value in HOSTILE.items():
        again = await desk.fills("emma", await desk.types("emma", "/sla set standard"), **SET | {name: value})
        assert isinstance(again, Form), name
        assert again.intro
    for name in ("a: b", "%", "x" * 31):
        answer = await desk.types("emma", f'/sla set policy:"{name}"')
        assert isinstance(answer, Card), name
        assert answer.tone is Tone.ALERT
    assert await version(database) == 1


async def test_tags_and_ranks_stand_as_they_were_typed(desk: Window, database: Database) -> None:
    typed = {"queues": "", "tags": "カード", "ranks": "Gold, ゴールド", "languages": "", "urgent": "no"}
    answer = await desk.fills("emma", await desk.types("emma", "/sla who standard"), **typed)
    assert "tag カード · rank Gold, ゴールド" in "\n".join(lines(answer))
    found = await level(database)
    assert found.tags == frozenset([folded("カード")]), "compared folded"
    assert values(await desk.types("emma", "/sla who standard")) == typed
    respelled = typed | {"tags": "かーど"}
    answer = await desk.fills("emma", await desk.types("emma", "/sla who standard"), **respelled)
    assert said(answer) == "Saved: standard"
    assert values(await desk.types("emma", "/sla who standard")) == respelled


async def test_somebody_whom_nobody_ever_tells_is_pointed_out(desk: Window) -> None:
    right = {"tell": "ken", "untouched": "", "hand_back": "", "remind_after": "", "offer_closing": ""}
    answer = await desk.fills("emma", await desk.types("emma", "/sla ladder VIP"), **right)
    [told] = [line for line in lines(answer) if "Ken Miller" in line]
    assert "nobody tells Ken Miller" in told
    one = await desk.types("emma", "/sla standard")
    assert isinstance(one, Card)
    assert not any("nobody tells" in words(field.value) for field in one.fields), "Emma is told at three hours"
