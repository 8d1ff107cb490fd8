"""My day, absences, quiet hours and the digest on request, as people ask for them."""

from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from bot.chat.card import Card, Form, Tone
from bot.chat.invocation import Answer, pressed
from bot.chat.text import words
from bot.domain.absence import Quiet
from bot.domain.agent import Agent
from bot.domain.care import wait
from bot.domain.inquiry import Status
from bot.ports import Handle, Place
from storage.database import Database
from storage.tables import inquiry
from tests.builders import SUPPORT, a_message, a_queue, an_act, opened
from tests.commands.window import Window, current, labels, said
from tests.support.clock import MORNING, Clock
from tests.support.texts import says

HOUR = timedelta(hours=1)


async def agent(database: Database, user: str) -> Agent:
    async with database.snapshot() as tx:
        found = await tx.agents.by_handle(Handle("workspace", user))
    assert found
    return found


async def due(database: Database, number: int, at: datetime) -> None:
    async with database.transaction() as tx:
        await tx.session.run(sa.update(inquiry).where(inquiry.c.number == number).values(due_at=at))


def lines(answer: Answer) -> list[str]:
    assert isinstance(answer, Card)
    return [words(line) for line in answer.lines]


def parts(answer: Answer) -> dict[str, list[int]]:
    """The headings of a card, with the inquiries in the rows below each, by their buttons."""
    assert isinstance(answer, Card)
    found: dict[str, list[int]] = {}
    for item in answer.items:
        if item.heading:
            found[words(item.text)] = []
        elif item.button:
            found[list(found)[-1]].append(int(pressed(item.button.call)[1]["inquiry"]))
    return found


# --- day ----------------------------------------------------------------------------------------------------


async def test_my_day_holds_what_is_mine_where_it_belongs(window: Window, database: Database) -> None:
    late, later, today, tomorrow, paused, done, theirs, free = [
        one.number for one in await opened(database, *[a_message() for _ in range(8)])
    ]
    for number in (late, later, today, tomorrow, paused, done):
        await window.types("ken", f"/claim {number}")
    await window.types("hana", f"/claim {theirs}")
    await window.types("ken", f"/resolve {done} done")
    ken = await agent(database, "ken")
    async with database.transaction() as tx:
        at_work = await current(database, paused)
        act = an_act(ken)
        await tx.inquiries.save(wait(at_work, Status.WAITING_ON_CUSTOMER, MORNING + 72 * HOUR, "the invoice", act))
        await tx.follow_ups.add(today, ken.id, MORNING + 6 * HOUR, "call the carrier", MORNING)
    for number, hours in ((later, -1), (late, -2), (today, 5), (tomorrow, 14), (theirs, -1), (free, -1), (done, -1)):
        await due(database, number, MORNING + hours * HOUR)

    answer = await window.types("ken", "/day")

    assert list(parts(answer).values()) == [[late, later], [today], [paused], [today]]
    for key, count, heading in zip(
        ("overdue", "today", "waiting", "reminders"), (2, 1, 1, 1), parts(answer), strict=True
    ):
        assert says(heading, "en", f"day.{key}", number=count)
    told = lines(answer)
    assert says(told[0], "en", "day.later", count=1)
    assert says(told[1], "en", "day.unclaimed", count=1, queues="support 1")
    assert isinstance(answer, Card)
    assert answer.tone is Tone.ALERT
    assert labels(answer) == ["queue", "home", "absence"]
    detail = [words(item.detail) for item in answer.items]
    assert any("the invoice" in one for one in detail)
    assert any("call the carrier" in one for one in detail)


async def test_a_day_on_which_nothing_is_due_says_so(window: Window) -> None:
    answer = await window.types("hana", "/day")
    assert parts(answer) == {}
    assert [says(one, "ja", "day.nothing") for one in lines(answer)] == [True]
    assert isinstance(answer, Card)
    assert answer.tone is Tone.OPEN


async def test_my_day_ends_by_my_own_clocks(window: Window, database: Database) -> None:
    (one,) = await opened(database)
    await window.types("ken", f"/claim {one.number}")
    for hours, is_today in ((13.9, True), (14.1, False)):  # midnight in Tokyo is fourteen hours away
        await due(database, one.number, MORNING + hours * HOUR)
        assert ([one.number] in parts(await window.types("ken", "/day")).values()) is is_today


async def test_my_day_tells_absences_and_quiet_hours(window: Window) -> None:
    await window.types("ken", "/absence today")
    await window.types("ken", "/quiet 22:00 07:00")
    told = lines(await window.types("ken", "/day"))
    assert any(says(one.split(" until")[0], "en", "day.away") for one in told)
    assert any(says(one, "en", "quiet.now", since="22:00", until="07:00", zone="Asia/Tokyo") for one in told)


async def test_each_part_shows_five_and_counts_more(window: Window, database: Database) -> None:
    for one in await opened(database, *[a_message() for _ in range(7)]):
        await window.types("ken", f"/claim {one.number}")
        await due(database, one.number, MORNING - HOUR)
    [(heading, rows)] = parts(await window.types("ken", "/day")).items()
    assert says(heading, "en", "day.overdue", number=7)
    assert len(rows) == 5


# --- absence ------------------------------------------------------------------------------------------------


async def test_an_absence_is_entered_listed_and_ended(window: Window, database: Database, clock: Clock) -> None:
    ken = await agent(database, "ken")
    await window.types("ken", f"/claim {(await opened(database))[0].number}")

    answer = await window.types("ken", "/absence now 15:00 dentist")

    assert says(said(answer), "en", "absence.yours")
    assert says(lines(answer)[0], "en", "absence.holds", count=1)
    async with database.snapshot() as tx:
        away = (await tx.absences.away([ken.id], clock()))[ken.id]
    assert (away.since, away.until, away.reason) == (MORNING, MORNING + 5 * HOUR, "dentist")

    listed = await window.types("ken", "/absence")
    assert isinstance(listed, Card)
    [row] = listed.items
    assert words(row.text) == ken.name
    assert "dentist" in words(row.detail)
    assert row.button is not None
    assert says(row.button.label, "en", "button.back")
    clock.forward(HOUR)
    assert says(said(await window.presses("ken", row.button.call)), "en", "absence.back", person=ken.name)
    async with database.snapshot() as tx:
        assert await tx.absences.away([ken.id], clock()) == {}
    assert says(said(await window.presses("ken", row.button.call)), "en", "absence.over")
    assert says(said(await window.types("ken", "/absence")), "en", "absence.none")


async def test_one_that_is_still_to_come_is_taken_back(window: Window) -> None:
    entered = await window.types("hana", "/absence 12/28 1/4 冬休み")
    assert says(said(entered), "ja", "absence.yours")
    assert says(lines(entered)[0], "ja", "absence.holds_nothing")
    assert isinstance(entered, Card)
    [button] = entered.buttons
    assert says(button.label, "ja", "button.cancel_absence")
    assert says(said(await window.presses("hana", button.call)), "ja", "absence.cancelled", person="佐藤 花")
    assert says(said(await window.presses("hana", button.call)), "ja", "absence.over")


async def test_supervisors_enter_and_end_those_of_others(window: Window, database: Database) -> None:
    answer = await window.types("emma", '/absence tomorrow person:"Ken Miller"')
    assert says(said(answer), "en", "absence.theirs", person="Ken Miller")
    for user, may_end in (("hana", False), ("ken", True), ("emma", True)):
        listed = await window.types(user, "/absence")
        assert isinstance(listed, Card)
        assert [item.button is not None for item in listed.items] == [may_end], user
    assert isinstance(answer, Card)
    refused = await window.presses("hana", answer.buttons[0].call)
    assert says(said(refused), "ja", "refused.role")
    refused = await window.types("ken", "/absence tomorrow person:hana")
    assert says(said(refused), "en", "refused.role")
    ken = await agent(database, "ken")
    async with database.snapshot() as tx:
        [kept] = await tx.absences.listed(ken.id, MORNING)
    assert kept.since == datetime(2026, 4, 1, 15, tzinfo=UTC)


async def test_who_is_no_longer_of_the_team_is_not_away(window: Window) -> None:
    refused = await window.types("emma", "/absence today person:rei")
    assert says(said(refused), "en", "assign.not_agent", person="Rei")


# --- quiet --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["22:00 07:00", "22-7", "22:00~7:00", "２２時 ７時", "22時から7時まで", "22 7"])
async def test_quiet_hours_are_set_as_people_write_them(window: Window, database: Database, typed: str) -> None:
    answer = await window.types("ken", f"/quiet {typed}")
    assert says(said(answer), "en", "quiet.now", since="22:00", until="07:00", zone="Asia/Tokyo")
    ken = await agent(database, "ken")
    async with database.snapshot() as tx:
        assert await tx.absences.quiet([ken.id]) == {ken.id: Quiet(time(22), time(7))}
    assert said(await window.types("ken", "/quiet")) == said(answer)


async def test_quiet_hours_are_turned_off(window: Window) -> None:
    assert says(said(await window.types("ken", "/quiet")), "en", "quiet.none")
    answer = await window.types("ken", "/quiet 22:00 07:00")
    assert isinstance(answer, Card)
    assert says(said(await window.presses("ken", answer.buttons[0].call)), "en", "quiet.off")
    assert says(said(await window.types("ken", "/quiet")), "en", "quiet.none")
    assert says(said(await window.types("hana", "/quiet なし")), "ja", "quiet.off")


@pytest.mark.parametrize("typed", ["25:00 07:00", "22:00", "22:61 07:00", "late"])
async def test_what_is_no_time_changes_nothing(window: Window, typed: str) -> None:
    await window.types("ken", "/quiet 21:00 06:00")
    assert says(said(await window.types("ken", f"/quiet {typed}")), "en", "quiet.unknown")
    assert "21:00" in said(await window.types("ken", "/quiet"))


# --- digest -------------------------------------------------------------------------------------------------


async def test_the_digest_on_request_is_of_the_channel_or_of_the_queue_that_is_named(
    window: Window, database: Database
) -> None:
    await a_queue(database, "billing", Place("workspace", "money"))
    await opened(database, a_message(), a_message())
    answer = await window.types("ken", "/digest")
    assert says(said(answer), "en", "digest.now", queue="support")
    assert isinstance(answer, Card)
    assert {field.label: words(field.value) for field in answer.fields}["Open in all"] == "2"
    assert says(said(await window.types("ken", "/digest billing")), "en", "digest.now", queue="billing")
    assert says(said(await window.types("ken", "/digest", channel="money")), "en", "digest.now", queue="billing")
    assert says(said(await window.types("ken", "/digest sales")), "en", "refused.no_queue", given="sales")


async def test_where_several_queues_may_be_meant_a_form_asks(window: Window, database: Database) -> None:
    await a_queue(database, "billing", SUPPORT)
    form = await window.types("hana", "/digest")
    assert isinstance(form, Form)
    assert [one.value for one in form.inputs[0].choices] == ["billing", "support"]
    assert says(said(await window.fills("hana", form, queue="support")), "ja", "digest.now", queue="support")
