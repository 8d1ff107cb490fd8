"""Home, as a person finds it: three parts, each with what it counts; and retry, for whoever supervises."""

from datetime import timedelta

import sqlalchemy as sa

from bot.chat.card import Card, Item
from bot.chat.invocation import Answer, pressed
from bot.chat.text import words
from bot.domain.inquiry import Inquiry
from bot.ports import Opening
from storage.database import Database
from storage.tables import inquiry
from tests.builders import SUPPORT, a_message, opened, stored_mails
from tests.commands.window import Window, said
from tests.storage.taking import taken
from tests.support.clock import MORNING, Clock
from tests.support.texts import says

PARTS = ("home.mine", "home.unclaimed", "home.late")
PROMISED = ("home.mine", "home.unclaimed", "home.overdue")
"""The parts where service levels are laid down."""
LEVELS = """
calendars: {office: {time_zone: Asia/Tokyo, week: {mon-fri: 09:00-18:00}}}
policies: [{name: standard, calendar: office, first_response: 4h}]
"""
DAY = timedelta(days=1)


def parts(answer: Answer) -> dict[str, tuple[str, list[Item]]]:
    """The rows of each part, with the number that its heading says."""
    assert isinstance(answer, Card), answer
    found: dict[str, tuple[str, list[Item]]] = {}
    for item in answer.items:
        if item.heading:
            key = next(one for one in (*PARTS, "home.overdue") if says(words(item.text), "en", one))
            found[key] = (words(item.text).rpartition(": ")[2], [])
        else:
            found[list(found)[-1]][1].append(item)
    assert tuple(found) in (PARTS, PROMISED)
    return found


def numbers(rows: list[Item]) -> list[int]:
    """The inquiries that rows are about, by their buttons."""
    return [int(pressed(row.button.call)[1]["inquiry"]) for row in rows if row.button]


async def waiting_since(database: Database, *ages: timedelta) -> list[Inquiry]:
    """Inquiries whose customers have waited so long, in this order."""
    mails = await stored_mails(database, len(ages))
    openings = [Opening("support", a_message(), MORNING - age, mail) for age, mail in zip(ages, mails, strict=True)]
    async with database.transaction() as tx:
        return await tx.inquiries.open(openings)


async def test_each_part_holds_what_concerns_it(window: Window, database: Database) -> None:
    mine, theirs, free, done = [one.number for one in await opened(database, *[a_message() for _ in range(4)])]
    (late,) = [one.number for one in await waiting_since(database, DAY + timedelta(minutes=1))]
    await window.types("ken", f"/claim {mine}")
    await window.types("hana", f"/claim {theirs}")
    await window.types("hana", f"/claim {late}")
    await window.types("ken", f"/resolve {done} sent")

    answer = await window.types("ken", "/home")

    found = parts(answer)
    assert {key: (number, numbers(rows)) for key, (number, rows) in found.items()} == {
        "home.mine": ("1", [mine]),
        "home.unclaimed": ("1", [free]),
        "home.late": ("1", [late]),
    }
    assert [pressed(row.button.call)[0] for _, rows in found.values() for row in rows if row.button] == [
        "show",
        "claim",
        "show",
    ]
    assert isinstance(answer, Card)
    assert [pressed(one.call)[0] for one in answer.buttons] == ["queue", "new"]


async def test_where_there_is_nothing_it_says_so(window: Window) -> None:
    for number, rows in parts(await window.types("ken", "/home")).values():
        assert number == "0"
        assert [says(words(row.text), "en", "home.nothing") for row in rows] == [True]
        assert numbers(rows) == []


async def test_late_is_what_waits_longer_than_a_day_the_longest_first(window: Window, database: Database) -> None:
    first, second, third = [
        one.number for one in await waiting_since(database, DAY + timedelta(seconds=1), DAY, 3 * DAY)
    ]
    number, rows = parts(await window.types("ken", "/home"))["home.late"]
    assert (number, numbers(rows)) == ("2", [third, first])
    assert second not in numbers(rows)


async def test_where_something_is_promised_late_is_what_is_overdue_the_longest_first(
    window: Window, database: Database
) -> None:
    first, second, third, done, undue = [one.number for one in await waiting_since(database, *[3 * DAY] * 5)]
    async with database.transaction() as tx:
        await tx.levels.keep(LEVELS, 0, None, MORNING, "")
        for one, days in ((first, -1), (second, -2), (third, 1), (done, -1)):
            here = inquiry.c.number == one
            await tx.session.run(sa.update(inquiry).where(here).values(due_at=MORNING + days * DAY))
    await window.types("ken", f"/resolve {done} sent")
    number, rows = parts(await window.types("ken", "/home"))["home.overdue"]
    assert (number, numbers(rows)) == ("2", [second, first])
    assert undue not in numbers(rows)


async def test_parts_show_ten_and_count_more(window: Window, database: Database) -> None:
    await waiting_since(database, *[2 * DAY] * 12)
    found = parts(await window.types("ken", "/home"))
    for key in ("home.unclaimed", "home.late"):
        number, rows = found[key]
        assert (number, len(rows)) == ("12", 10)


async def test_what_is_held_does_not_keep_what_is_free_from_being_counted(window: Window, database: Database) -> None:
    held = await opened(database, *[a_message() for _ in range(12)])
    for one in held:
        await window.types("emma", f"/claim {one.number}")
    await opened(database)
    assert parts(await window.types("ken", "/home"))["home.unclaimed"][0] == "1"
    assert parts(await window.types("emma", "/home"))["home.mine"][0] == "12"


async def test_more_than_a_hundred_is_many(window: Window, database: Database) -> None:
    await waiting_since(database, *[2 * DAY] * 101)
    found = parts(await window.types("ken", "/home"))
    assert [number for number, _ in found.values()] == ["0", "100+", "100+"]


async def test_the_card_is_one_that_every_platform_can_show(window: Window, database: Database) -> None:
    """Slack's Home holds 100 blocks: a row and a heading are one each."""
    for one in await waiting_since(database, *[2 * DAY] * 30):
        await window.types("ken" if one.number % 2 else "hana", f"/claim {one.number}")
    await opened(database, *[a_message() for _ in range(20)])
    answer = await window.types("ken", "/home")
    assert isinstance(answer, Card)
    assert len(answer.items) == 3 + 3 * 10


# --- retry --------------------------------------------------------------------------------------------------


async def test_retry_sends_everything_again(window: Window, database: Database, clock: Clock) -> None:
    await opened(database, a_message(), a_message())
    sendings = await taken(database, SUPPORT)
    async with database.transaction() as tx:
        for one in sendings:
            await tx.outbox.refuse(one, "me", "archived")
    assert await taken(database, SUPPORT) == []
    assert says(said(await window.types("emma", "/retry")), "en", "retry.done", count=2)
    again = await taken(database, SUPPORT)
    assert [(one.key, one.attempts) for one in again] == [(one.key, 1) for one in sendings]
    assert says(said(await window.types("emma", "/retry")), "en", "retry.nothing")
