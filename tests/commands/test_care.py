"""Answered, wait, resume, snooze, extend, keep, tag and follow-up, as people type and press them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.chat.card import Card, Form, InputKind
from bot.chat.invocation import Answer, call
from bot.chat.text import words
from bot.domain import care
from bot.domain.follow_up import FollowUp
from bot.domain.inquiry import Status
from bot.ports import Handle, Joining, MessageRef
from bot.translator import Translator
from storage.database import Database
from tests.builders import a_message, an_act, opened, stored_mails
from tests.commands.window import Window, button_of, current, happened, labels, rows, said
from tests.fakes.chat import FakeChat, Posted
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.clock import MORNING
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.texts import says

IT = 1001
HOUR = timedelta(hours=1)
LEVELS = """
calendars:
  office:
    time_zone: Asia/Tokyo
    week: {mon-fri: "09:30-12:00, 13:00-18:00"}
policies:
  - {name: urgent, tags: [urgent], calendar: office, urgent: yes, first_response: 1h}
  - {name: standard, calendar: office, first_response: 4h, next_response: 8h, resolution: 16h}
"""


@pytest.fixture
async def desk(window: Window, database: Database) -> Window:
    """The window with hours and promises, and one inquiry that Hana holds. It is Wednesday, ten o'clock in Tokyo."""
    async with database.transaction() as tx:
        await tx.levels.keep(LEVELS, 0, None, MORNING, "")
    await opened(database)
    await window.types("hana", f"/claim {IT}")
    await window.types("hana", "/language en")
    return window


def tokyo(day: int, hour: int, minute: int = 0) -> datetime:
    """By the clocks of Tokyo in that April."""
    return datetime(2026, 4, day, hour, minute, tzinfo=UTC) - 9 * HOUR


def told(answer: Answer) -> str:
    """The first line of an answer."""
    assert isinstance(answer, Card), answer
    return words(answer.lines[0])


async def writes(database: Database, minutes: int) -> None:
    """The customer writes again."""
    inquiry = await current(database, IT)
    [mail] = await stored_mails(database)
    message = a_message()
    change = inquiry.receive(message, an_act(None, minutes, "mail"))
    async with database.transaction() as tx:
        await tx.inquiries.join([Joining(change, message, mail)])


async def reminders(database: Database, user: str = "hana") -> list[FollowUp]:
    async with database.snapshot() as tx:
        agent = await tx.agents.by_handle(Handle("workspace", user))
        assert agent
        return await tx.follow_ups.of_agent(agent.id, MORNING + timedelta(days=400))


# --- answered -----------------------------------------------------------------------------------------------


async def test_answered_by_a_form_that_asks_how(desk: Window, database: Database) -> None:
    form = await desk.types("hana", f"/answered {IT}")
    assert isinstance(form, Form)
    assert [(one.name, one.required) for one in form.inputs] == [("how", False)]
    assert (await current(database, IT)).status is Status.OPEN, "nothing has happened yet"
    desk.clock.forward(HOUR)
    answer = await desk.fills("hana", form, how="by\nphone ")
    assert says(said(answer), "en", "answered.done", inquiry=IT)
    assert says(told(answer), "en", "answered.follows")
    assert labels(answer) == ["resolve", "wait"]
    one = await current(database, IT)
    assert (one.status, one.answered_at, one.messages) == (Status.WAITING_ON_CUSTOMER, MORNING + HOUR, 1)
    async with database.snapshot() as tx:
        event = (await tx.inquiries.timeline(IT))[-1]
    assert (event.kind, event.details["note"]) == ("answered", "by phone")


async def test_an_empty_how_is_no_letter_either(desk: Window, database: Database) -> None:
    await desk.fills("hana", await desk.types("hana", f"/answered {IT}"), how="")
    assert await happened(database, IT) == ["opened", "claimed", "answered"]
    assert (await current(database, IT)).messages == 1


async def test_an_answer_is_to_what_the_customer_wrote_last(desk: Window, database: Database) -> None:
    form = await desk.types("hana", f"/answered {IT}")
    await writes(database, 5)
    assert says(said(await desk.fills("hana", form, how="")), "en", "answered.wrote_again", inquiry=IT)
    assert (await current(database, IT)).status is Status.OPEN
    desk.clock.forward(HOUR)
    assert says(told(await desk.types("hana", f"/answered {IT} by phone")), "en", "answered.follows")


async def test_an_answer_that_clocks_put_before_the_customers_word_leaves_them_waiting(
    desk: Window, database: Database
) -> None:
    await writes(database, 5)
    answer = await desk.types("hana", f"/answered {IT} by phone")
    assert says(told(answer), "en", "answered.late")
    assert (await current(database, IT)).status is Status.OPEN


# --- wait and resume ----------------------------------------------------------------------------------------


async def test_waiting_by_a_form_with_choices(desk: Window, database: Database) -> None:
    one = await current(database, IT)
    form = await desk.presses("hana", call("wait", IT, one.version))
    assert isinstance(form, Form)
    assert [one.name for one in form.inputs] == ["whom", "until", "note"]
    assert [choice.value for choice in form.inputs[0].choices] == ["customer", "third_party"]
    assert [one.kind for one in form.inputs] == [InputKind.CHOICE, InputKind.LINE, InputKind.LINE]
    assert says(form.inputs[2].label, "en", "label.wait.note")
    answer = await desk.fills("hana", form, whom="third_party", until="明日15時", note="the warehouse")
    assert says(said(answer), "en", "wait.done", inquiry=IT, whom="a third party (the warehouse)")
    assert says(told(answer), "en", "wait.until_third_party", until="Apr 2 15:00")
    assert labels(answer) == ["resume"]
    one = await current(database, IT)
    assert (one.status, one.waiting_until) == (Status.WAITING_ON_THIRD_PARTY, tokyo(2, 15))
    assert one.waiting_for == "the warehouse"


async def test_waiting_in_one_line(desk: Window, database: Database) -> None:
    answer = await desk.types("hana", f'/wait {IT} お客様 fri 10:00 note:"two labels"')
    assert says(told(answer), "en", "wait.until_customer", until="Apr 3 10:00")
    one = await current(database, IT)
    assert (one.status, one.waiting_for) == (Status.WAITING_ON_CUSTOMER, "two labels")
    await desk.types("hana", f"/wait {IT} third-party tomorrow note:-")
    assert (await current(database, IT)).waiting_until == tokyo(2, 9, 30), "the opening"


async def test_waiting_in_the_thread_of_a_card_needs_no_number(desk: Window, database: Database) -> None:
    await _placed(database, "thread")
    await desk.types("hana", "/wait customer 2h note:-", message="thread")
    assert (await current(database, IT)).waiting_until == MORNING + 2 * HOUR
    await desk.types("hana", "/followup tomorrow 15:00", message="thread")
    assert [one.at for one in await reminders(database)] == [tokyo(2, 15)]


async def _placed(database: Database, message: str) -> None:
    async with database.transaction() as tx:
        [sending] = await tx.outbox.take((await tx.outbox.due())[0], "test", HOUR, 1)
        await tx.outbox.sent(sending, "test", MessageRef(sending.place.channel, message))


async def test_a_wait_is_ended_by_its_holder(desk: Window, database: Database) -> None:
    await desk.types("hana", f"/wait {IT} customer tomorrow note:-")
    answer = await desk.presses("hana", call("resume", IT, 3))
    assert says(said(answer), "en", "resume.done", inquiry=IT)
    assert (await current(database, IT)).status is Status.OPEN
    assert await happened(database, IT) == ["opened", "claimed", "waited", "resumed"]


async def test_nobody_waits_in_the_past_or_for_ages(desk: Window, database: Database) -> None:
    for given, key in (("2020-01-01", "when.past"), ("2029-01-01", "when.far"), ("lunch", "when.unknown")):
        assert says(said(await desk.types("hana", f"/wait {IT} customer {given}")), "en", key)
    assert await happened(database, IT) == ["opened", "claimed"]


# --- snooze -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "until"),
    [
        ("15m", MORNING + HOUR / 4),
        ("１ｈ", MORNING + HOUR),
        ("tomorrow", tokyo(2, 9, 30)),
        ("明日", tokyo(2, 9, 30)),
        ("3h", MORNING + 3 * HOUR),
        ("fri", tokyo(3, 9, 30)),
    ],
)
async def test_snoozes(desk: Window, database: Database, time: str, until: datetime) -> None:
    answer = await desk.presses("hana", call("snooze", IT, 2, time=time))
    assert says(said(answer), "en", "snooze.done", inquiry=IT)
    assert says(told(answer), "en", "snooze.until", until=desk.speaker("en").clock(until))
    assert (await current(database, IT)).snoozed_until == until


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        (tokyo(3, 17), tokyo(6, 9, 30)),
        (tokyo(4, 12), tokyo(6, 9, 30)),
        (tokyo(2, 7), tokyo(3, 9, 30)),
        (tokyo(2, 23, 59), tokyo(3, 9, 30)),
    ],
    ids=["friday", "saturday", "before today's opening", "late"],
)
async def test_tomorrow_is_the_opening_of_the_next_business_day_by_the_queues_clocks(
    desk: Window, database: Database, now: datetime, opening: datetime
) -> None:
    desk.clock.set(now)
    await desk.types("hana", f"/snooze {IT} tomorrow")
    assert (await current(database, IT)).snoozed_until == opening


async def test_without_hours_tomorrow_begins_at_nine_by_the_queues_clocks(window: Window, database: Database) -> None:
    await opened(database)
    await window.types("hana", f"/snooze {IT} tomorrow")
    assert (await current(database, IT)).snoozed_until == datetime(2026, 4, 2, 9, tzinfo=UTC)


async def test_a_snooze_asks_for_how_long(desk: Window) -> None:
    form = await desk.types("hana", f"/snooze {IT}")
    assert isinstance(form, Form)
    assert [choice.value for choice in form.inputs[0].choices] == ["15m", "1h", "tomorrow"]


# --- extend -------------------------------------------------------------------------------------------------


async def test_an_extension_is_of_what_is_due_first_in_business_time(desk: Window, database: Database) -> None:
    answer = await desk.types("emma", f"/extend {IT} 3h The part is late")
    assert says(said(answer), "en", "extend.done", inquiry=IT)
    assert told(answer) == "First response: due 18:00 now.", "ten and seven hours, and lunch"
    async with database.snapshot() as tx:
        event = (await tx.inquiries.timeline(IT))[-1]
    assert event.details == {"target": "first_response", "seconds": 3 * 3600, "note": "The part is late"}
    assert told(await desk.types("emma", f"/extend {IT} 90 again")) == "First response: due Apr 2 11:00 now."


async def test_an_extension_of_a_target_that_is_named(desk: Window) -> None:
    answer = await desk.types("emma", f"/extend {IT} 1h target:resolution The part is late")
    assert told(answer) == "Resolution: due Apr 3 12:00 now."
    assert says(said(await desk.types("emma", f"/extend {IT} 1h target:next_response x")), "en", "extend.nothing")


async def test_an_extension_while_the_clocks_stand_still(desk: Window) -> None:
    await desk.types("hana", f"/answered {IT} by phone")
    answer = await desk.types("emma", f"/extend {IT} 1h The part is late")
    assert says(told(answer), "en", "extend.standing", target="Resolution")


async def test_an_extension_that_is_too_short_says_how_much_is_needed(desk: Window, database: Database) -> None:
    desk.clock.set(tokyo(2, 11))
    refused = await desk.types("emma", f"/extend {IT} 2h The part is late")
    assert says(said(refused), "en", "extend.too_short", inquiry=IT, least="4 hours 31 minutes"), said(refused)
    assert await happened(database, IT) == ["opened", "claimed"]
    answer = await desk.types("emma", f"/extend {IT} 4h31m The part is late")
    assert told(answer) == "First response: due 11:01 now."


async def test_an_urgent_promise_is_extended_day_and_night(desk: Window) -> None:
    await desk.types("hana", f"/tag {IT} urgent")
    answer = await desk.types("emma", f"/extend {IT} 12h The part is late")
    assert told(answer) == "First response: due 23:00 now."


async def test_an_extension_of_what_is_not_promised(window: Window, database: Database) -> None:
    await opened(database)
    refused = await window.types("emma", f"/extend {IT} 2h The part is late")
    assert says(said(refused), "en", "extend.nothing", inquiry=IT)
    await window.types("hana", f"/resolve {IT} done")
    assert says(said(await window.types("emma", f"/extend {IT} 2h x")), "en", "inquiry.resolved")


async def test_an_extension_asks_for_amount_and_reason(desk: Window) -> None:
    form = await desk.presses("emma", call("extend", IT, 2))
    assert isinstance(form, Form)
    assert [(one.name, one.required) for one in form.inputs] == [("amount", True), ("reason", True)]
    answer = await desk.fills("emma", form, amount="２時間", reason="入荷待ち")
    assert says(said(answer), "en", "extend.done", inquiry=IT)


# --- keep and tag -------------------------------------------------------------------------------------------


async def test_its_holder_says_that_they_are_at_it(desk: Window, database: Database) -> None:
    assert says(said(await desk.presses("hana", call("keep", IT, 2))), "en", "keep.done", inquiry=IT)
    assert await happened(database, IT) == ["opened", "claimed", "kept"]


async def test_tags_are_typed_with_either_comma(desk: Window, database: Database) -> None:
    answer = await desk.types("ken", f"/tag {IT} 返金、urgent,  two  words，urgent")
    assert says(said(answer), "en", "tag.done", inquiry=IT, tags="返金, urgent, two words")
    assert (await current(database, IT)).tags == ("返金", "urgent", "two words")


async def test_the_form_shows_the_tags_and_emptied_takes_them_away(desk: Window, database: Database) -> None:
    await desk.types("ken", f"/tag {IT} refund, urgent")
    form = await desk.types("ken", f"/tag {IT}")
    assert isinstance(form, Form)
    assert form.inputs[0].value == "refund, urgent"
    assert (await current(database, IT)).tags == ("refund", "urgent")
    assert says(said(await desk.fills("ken", form, tags="")), "en", "tag.none", inquiry=IT)
    assert (await current(database, IT)).tags == ()


async def test_tags_of_somebody_else_are_not_lost_unseen_but_other_changes_do_not_matter(
    desk: Window, database: Database
) -> None:
    form = await desk.types("ken", f"/tag {IT}")
    await desk.types("hana", f"/snooze {IT} 1h")
    assert says(said(await desk.fills("ken", form, tags="refund")), "en", "tag.done")
    refused = await desk.fills("emma", form, tags="urgent")
    assert says(said(refused), "en", "tag.changed", inquiry=IT, tags="refund")
    assert (await current(database, IT)).tags == ("refund",)


# --- follow-ups ---------------------------------------------------------------------------------------------


async def test_a_follow_up_is_ones_own_and_names_the_time(desk: Window, database: Database) -> None:
    answer = await desk.types("ken", f'/followup {IT} 12/1 9:00 note:"call back"')
    assert says(said(answer), "en", "followup.done", inquiry=IT)
    assert rows(answer) == ["Dec 1 09:00"]
    assert isinstance(answer, Card)
    assert [words(item.detail) for item in answer.items] == ["call back"]
    assert await reminders(database) == []
    [one] = await reminders(database, "ken")
    assert (one.number, one.at, one.note) == (IT, datetime(2026, 12, 1, tzinfo=UTC), "call back")
    assert await happened(database, IT) == ["opened", "claimed"], "nobody else is concerned"


async def test_the_form_of_a_follow_up_tells_of_the_ones_that_there_are(desk: Window, database: Database) -> None:
    form = await desk.presses("hana", call("followup", IT, 2))
    assert isinstance(form, Form)
    assert ([(one.name, one.required) for one in form.inputs], form.intro) == ([("until", True), ("note", False)], "")
    await desk.fills("hana", form, until="tomorrow", note="")
    again = await desk.types("hana", f"/followup {IT}")
    assert isinstance(again, Form)
    assert says(again.intro, "en", "followup.already", times="Apr 2 09:30")


async def test_follow_ups_are_forgotten_by_the_button_or_by_off(desk: Window, database: Database) -> None:
    await desk.types("ken", f"/followup {IT} 1h")
    await desk.types("hana", f"/followup {IT} 1h")
    answer = await desk.types("hana", f"/followup {IT} 2h")
    assert len(await reminders(database)) == 2
    assert isinstance(answer, Card)
    assert says(said(await desk.presses("hana", answer.buttons[0].call)), "en", "followup.off", inquiry=IT)
    assert (await reminders(database), len(await reminders(database, "ken"))) == ([], 1)
    await desk.types("ken", f"/followup {IT} off")
    assert await reminders(database, "ken") == []


async def test_what_is_resolved_can_be_followed_up(desk: Window, database: Database) -> None:
    await desk.types("hana", f"/resolve {IT} done")
    assert says(said(await desk.types("hana", f"/followup {IT} 3d")), "en", "followup.done")


# --- what is told of it -------------------------------------------------------------------------------------


async def test_the_timeline_tells_all_of_it_with_times(desk: Window, database: Database) -> None:
    await desk.types("hana", f'/wait {IT} third_party 15:00 note:"the warehouse"')
    await desk.types("hana", f"/resume {IT}")
    await desk.types("hana", f"/wait {IT} customer tomorrow note:")
    await desk.types("hana", f"/snooze {IT} 1h")
    await desk.types("emma", f"/extend {IT} 1h30m The part is late")
    await desk.types("hana", f"/keep {IT}")
    await desk.types("hana", f"/tag {IT} refund, urgent")
    await desk.types("hana", f"/tag {IT} tags:")
    await desk.types("hana", f"/answered {IT} by phone")
    answer = await desk.types("ken", f"/show {IT}")
    hana = "佐藤 花"
    assert rows(answer)[2:] == [
        f"{hana} waits for a third party (the warehouse), until 15:00",
        f"{hana} ended the wait",
        f"{hana} waits for the customer, until Apr 2 09:30",
        f"{hana} stopped reminders until 11:00",
        "Emma Clark extended it: First response, 1 hour 30 minutes more",
        f"{hana} said that they are at it",
        f"{hana} set the tags: refund, urgent",
        f"{hana} took all tags away",
        f"{hana} answered the customer",
    ]
    assert isinstance(answer, Card)
    notes = [words(item.detail) for item in answer.items]
    assert notes[-5].endswith("The part is late")
    assert notes[-1].endswith("by phone")


async def test_the_timeline_says_why_time_gave_it_back(desk: Window, database: Database) -> None:
    for reason in ("", "away", "untouched"):
        one = await current(database, IT)
        release = one.release(an_act(None, source="nudges"))
        told = {"from": "Hana", "reason": reason} if reason else {"from": "Hana"}
        async with database.transaction() as tx:
            await tx.inquiries.save(replace(release, event=replace(release.event, details=told)))
        await desk.types("hana", f"/claim {IT}")
    listed = rows(await desk.types("ken", f"/show {IT}"))
    for row, key in zip(listed[2::2], ("left", "given_back_away", "given_back_untouched"), strict=True):
        assert says(row, "en", f"event.{key}", holder="Hana")


async def test_a_wait_that_time_ended_is_told_so(desk: Window, database: Database) -> None:
    await desk.types("hana", f"/wait {IT} customer 1h note:-")
    one = await current(database, IT)
    async with database.transaction() as tx:
        await tx.inquiries.save(care.resume(one, an_act(None, 60, "nudges")))
    assert says(rows(await desk.types("ken", f"/show {IT}"))[-1], "en", "event.wait_over")


async def test_details_offer_what_the_card_does_not(desk: Window, database: Database) -> None:
    assert labels(await desk.types("ken", f"/show {IT}")) == ["answered", "wait", "snooze", "followup", "escalate"]
    await desk.types("hana", f"/wait {IT} customer 1h note:-")
    assert labels(await desk.types("ken", f"/show {IT}"))[1] == "resume"
    await desk.types("hana", f"/resolve {IT} done")
    assert labels(await desk.types("ken", f"/show {IT}")) == ["reopen", "history"]


# --- in the channel -----------------------------------------------------------------------------------------


@pytest.fixture
async def chat() -> AsyncIterator[FakeChat]:
    chat = FakeChat()
    await chat.open()
    yield chat
    await chat.close()


async def delivered(desk: Window, database: Database, chat: FakeChat) -> list[Posted]:
    """All that stands in the channel once everything is said."""
    platform = FakeChatPlatform(chat.port, "workspace")
    platforms: dict[str, Any] = {"workspace": platform}
    counts = Counts()
    await OneByOne(database, platforms, Translator(), desk.clock, counts, rests=(0.01,)).empty()
    await platform.close()
    return [one for one in chat.messages if not one.channel.startswith("@")]


async def test_the_thread_says_that_somebody_answered_by_phone(
    desk: Window, database: Database, chat: FakeChat
) -> None:
    await desk.types("hana", f"/answered {IT} by phone")
    card, letter = await delivered(desk, database, chat)
    assert letter.parent == card.id
    assert says(letter.card["title"], "en", "letter.by_hand", by="佐藤 花", how="by phone")
    await desk.fills("hana", await desk.types("hana", f"/answered {IT}"), how="")
    *_, plain = await delivered(desk, database, chat)
    assert says(plain.card["title"], "en", "letter.by_hand_plainly", by="佐藤 花")


async def test_the_card_follows_waits_snoozes_and_tags(desk: Window, database: Database, chat: FakeChat) -> None:
    await desk.types("hana", f"/tag {IT} refund")
    await desk.types("hana", f"/wait {IT} third_party 2h note:warehouse")
    (card,) = await delivered(desk, database, chat)
    assert "warehouse" in str(card.card["lines"])
    assert "refund" in str(card.card["fields"])
    await desk.presses("hana", call("resume", IT, 4))
    await desk.types("hana", f"/snooze {IT} 1h")
    (card,) = await delivered(desk, database, chat)
    assert "warehouse" not in str(card.card["lines"])
    assert len(card.card["lines"]) == 1, "until when reminders rest"


async def test_buttons_of_the_card_as_it_was_still_work_after_a_snooze(desk: Window, database: Database) -> None:
    drawn = button_of(await current(database, IT), "resolve", desk)
    await desk.types("hana", f"/snooze {IT} 1h")
    form = await desk.presses("hana", drawn)
    assert says(said(await desk.fills("hana", form, note="")), "en", "resolve.done", inquiry=IT)


async def test_the_note_of_a_wait_stands_beside_whom_one_waits_for(desk: Window) -> None:
    await desk.types("hana", f'/wait {IT} customer tomorrow note:"asked for a photo"')
    shown = await desk.types("hana", f"/show {IT}")
    assert isinstance(shown, Card)
    assert "the customer (asked for a photo)" in words(shown.lines[0])
    assert any("waits for the customer (asked for a photo)" in row for row in rows(shown))


async def test_a_form_without_an_inquiry_has_a_plain_title(desk: Window) -> None:
    form = await desk.types("hana", "/wait")
    assert isinstance(form, Form)
    assert form.title == "Wait"
