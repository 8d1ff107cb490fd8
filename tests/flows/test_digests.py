"""Digests: each queue's channels are told how it stands, at the opening and at the closing of its team, once each."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.delivery import Delivery
from bot.digests import Digests
from bot.ports import Place
from bot.translator import Translator
from storage.database import Database
from storage.tables import digest, inquiry, outbox
from tests.builders import a_message, a_queue, an_act, an_agent, opened
from tests.fakes.chat import FakeChat, Posted
from tests.fakes.chat_platform import FakeChatPlatform
from tests.support.clock import Clock
from tests.support.meter import Counts
from tests.support.rehearsal import OneByOne
from tests.support.texts import says

CHANNEL = Place("slack", "C1")
TOKYO = ZoneInfo("Asia/Tokyo")
HOUR = timedelta(hours=1)
NINE_TO_SIX = "mon-fri: 09:00-12:00, 13:00-18:00"


def levels(zone: str = "Asia/Tokyo", week: str = NINE_TO_SIX, holidays: str = "JP", digests: str = "yes") -> str:
    """A document with one calendar and one policy for everybody."""
    return f"""
calendars:
  office:
    time_zone: {zone}
    week:
      {week}
    holidays: {holidays}
policies:
  - name: standard
    calendar: office
    first_response: 4h
digests: {digests}
"""


async def laid_down(database: Database, body: str, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
    async with database.transaction() as tx:
        current = await tx.levels.current()
        await tx.levels.keep(body, current.version if current else 0, None, at, "")


@dataclass
class Office:
    """A store that goes by the tests' clock, and a chat in which its digests are posted."""

    database: Database
    clock: Clock
    chat: FakeChat
    platform: FakeChatPlatform

    async def ticks(self, *times: datetime) -> list[int]:
        """At each of these times a process that has just started looks at the clock; how many digests it made."""
        made = []
        for time in times:
            self.clock.set(time)
            made.append(await Digests(self.database).tick())
        return made

    async def deliver(self) -> list[Posted]:
        """What is due goes out; all that was posted so far."""
        platforms: dict[str, Any] = {"slack": self.platform}
        delivery: Delivery = OneByOne(self.database, platforms, Translator(), self.clock, Counts(), rests=(0.01,))
        await delivery.empty()
        return [one for one in self.chat.messages if one.channel == CHANNEL.channel and "support" in one.card["title"]]

    async def made(self) -> list[str]:
        """Which digests there are, and when they were made, in Tokyo."""
        async with self.database.snapshot() as tx:
            rows = (await tx.session.run(sa.select(digest).order_by(digest.c.at))).all()
        return [f"{row.day:%m-%d} {row.part} {row.at.astimezone(TOKYO):%m-%d %H:%M}" for row in rows]


@pytest.fixture
async def office(on_sqlite: Database, clock: Clock) -> AsyncIterator[Office]:
    chat = FakeChat()
    await chat.open()
    platform = FakeChatPlatform(chat.port, "slack")
    await a_queue(on_sqlite, "support", CHANNEL)
    yield Office(on_sqlite, clock, chat, platform)
    await platform.close()
    await chat.close()


def at(text: str, zone: tzinfo = TOKYO) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone).astimezone(UTC)


def every(step: timedelta, since: datetime, until: datetime) -> list[datetime]:
    return [since + number * step for number in range(int((until - since) / step))]


# --- when ---------------------------------------------------------------------------------------------------


async def test_each_business_day_has_its_two_and_holidays_have_none(office: Office) -> None:
    """Golden Week: the Constitution Day is a Sunday, and its substitute is the Wednesday after."""
    await laid_down(office.database, levels())
    await office.ticks(*every(timedelta(minutes=30), at("04-27 00:00"), at("05-08 00:00")))
    days = ("04-27", "04-28", "04-30", "05-01", "05-07")
    assert await office.made() == [
        told for day in days for told in (f"{day} morning {day} 09:00", f"{day} evening {day} 18:00")
    ]


async def test_it_comes_at_the_opening_and_not_a_minute_before(office: Office) -> None:
    await laid_down(office.database, levels())
    times = [at(f"04-01 {clock}") for clock in ("08:59", "09:00", "09:01", "12:30", "17:59", "18:00", "18:01", "23:00")]
    assert await office.ticks(*times) == [0, 1, 0, 0, 0, 1, 0, 0]


async def test_the_clocks_of_the_team_are_changed(office: Office) -> None:
    new_york = ZoneInfo("America/New_York")
    await laid_down(office.database, levels("America/New_York", "mon-sun: 09:00-17:00", "none"))
    await office.ticks(*every(timedelta(minutes=20), at("03-07 12:00", UTC), at("03-10 02:00", UTC)))
    async with office.database.snapshot() as tx:
        moments = (await tx.session.run(sa.select(digest.c.at).order_by(digest.c.at))).scalars().all()
    assert [f"{one:%d %H:%M}" for one in moments] == [
        "07 14:00",
        "07 22:00",
        "08 13:00",
        "08 21:00",
        "09 13:00",
        "09 21:00",
    ]
    assert {f"{one.astimezone(new_york):%H:%M}" for one in moments} == {"09:00", "17:00"}


async def test_after_downtime_only_what_is_not_late_is_told_and_never_a_pile(office: Office) -> None:
    await laid_down(office.database, levels())
    assert await office.ticks(at("04-01 12:59")) == [1], "still the morning"
    assert await office.ticks(at("04-01 22:00")) == [0], "the evening is over"
    assert await office.ticks(at("04-02 14:00")) == [0], "the morning is over"
    assert await office.ticks(at("04-10 18:40"), at("04-10 18:41")) == [1, 0], "after a week there is one"
    assert await office.made() == ["04-01 morning 04-01 12:59", "04-10 evening 04-10 18:40"]


async def test_a_team_that_is_always_there_has_one_a_day(office: Office) -> None:
    await laid_down(office.database, levels(week="mon-sun: 00:00-24:00", holidays="none"))
    await office.ticks(*every(HOUR, at("04-01 00:00"), at("04-03 00:00")))
    assert await office.made() == ["04-01 morning 04-01 00:00", "04-02 morning 04-02 00:00"]


async def test_work_that_ends_at_midnight_has_its_evening_then(office: Office) -> None:
    await laid_down(office.database, levels(week="mon-fri: 15:00-24:00", holidays="none"))
    await office.ticks(*every(HOUR, at("04-01 12:00"), at("04-02 12:00")))
    assert await office.made() == ["04-01 morning 04-01 15:00", "04-01 evening 04-02 00:00"]


async def test_who_wants_none_gets_none(office: Office) -> None:
    morning = at("04-01 09:00")
    assert await office.ticks(morning) == [0], "nothing is laid down"
    await laid_down(office.database, levels(digests="no"))
    assert await office.ticks(morning) == [0]
    await laid_down(office.database, levels())
    async with office.database.transaction() as tx:
        await tx.queues.hide("support", CHANNEL)
    assert await office.ticks(morning) == [0], "a queue that shows nowhere"


async def test_a_new_desk_begins_with_the_next_opening_or_closing(office: Office) -> None:
    await laid_down(office.database, levels(), at("04-01 09:30"))
    assert await office.ticks(at("04-01 09:31"), at("04-01 18:00"), at("04-02 09:00")) == [0, 1, 1]


async def test_a_change_of_what_is_laid_down_keeps_no_digest_from_being_told(office: Office) -> None:
    await laid_down(office.database, levels())
    await laid_down(office.database, levels(), at("04-01 09:00") + timedelta(seconds=30))
    assert await office.ticks(at("04-01 09:01")) == [1]


# --- once ---------------------------------------------------------------------------------------------------


def now_is_morning() -> str:
    """Levels of a place on Earth where it is ten o'clock now."""
    east = 10 - datetime.now(UTC).hour
    east += 24 if east < -12 else 0
    return levels(f"Etc/GMT{'-' if east >= 0 else '+'}{abs(east)}", "mon-sun: 09:00-18:00", "none")


async def test_two_replicas_make_each_once_whatever_their_clocks_say(postgres_url: str, clock: Clock) -> None:
    ahead = Clock(clock() + timedelta(seconds=120))
    replicas = [Database(postgres_url, one) for one in (clock, ahead)]
    names = [f"queue-{number}" for number in range(6)]
    try:
        for name in names:
            await a_queue(replicas[0], name, CHANNEL, Place("slack", name))
        await laid_down(replicas[0], now_is_morning())
        desks = [Digests(one) for one in replicas]
        made = await asyncio.gather(*[desk.tick() for desk in desks for _ in range(3)])
        assert sum(made) == len(names)
        async with replicas[0].snapshot() as tx:
            keys = (await tx.session.run(sa.select(outbox.c.number, outbox.c.channel))).all()
        assert len(keys) == len(set(keys)) == 2 * len(names)
        assert [await desk.tick() for desk in desks] == [0, 0]
    finally:
        for one in replicas:
            await one.close()


# --- what ---------------------------------------------------------------------------------------------------


async def due(database: Database, number: int, when: datetime) -> None:
    async with database.transaction() as tx:
        await tx.session.run(sa.update(inquiry).where(inquiry.c.number == number).values(due_at=when))


async def test_it_tells_the_numbers_in_the_language_of_the_queue(office: Office) -> None:
    database = office.database
    async with database.transaction() as tx:
        await tx.queues.add("support-ja", "ja", "Asia/Tokyo")
        await tx.queues.show("support-ja", CHANNEL)
    await laid_down(database, levels())
    hana = await an_agent(database, "Hana")
    late, today, free = await opened(database, *[a_message(subject="secret") for _ in range(3)], queue="support-ja")
    async with database.transaction() as tx:
        await tx.inquiries.save(late.claim(an_act(hana)))
    await due(database, late.number, at("03-31 17:00"))
    await due(database, today.number, at("04-01 15:00"))
    await office.ticks(at("04-01 09:00"))
    await office.deliver()
    office.clock.forward(timedelta(minutes=1))
    english, japanese = sorted(await office.deliver(), key=lambda one: len(one.card["title"]))[:2]
    if "support-ja" in english.card["title"]:
        english, japanese = japanese, english

    card = japanese.card
    assert says(card["title"], "ja", "digest.morning", queue="support-ja")
    assert says(english.card["title"], "en", "digest.morning", queue="support")
    told = {one["label"]: "".join(one["value"]) for one in card["fields"]}
    assert [told[name] for name in ("期限超過", "本日期限", "未担当", "未解決の合計")] == ["1", "1", "2", "3"]
    rows = [one for one in card["items"] if one["button"]]
    assert [one["button"]["call"] for one in rows] == [f"show:{late.number}:2", f"claim:{today.number}:1"]
    assert "secret" not in str(card), "nothing that a customer wrote stands in it"
    assert [one["call"] for one in card["buttons"]] == ["queue:::queue=support-ja", "day"]
    assert free.number not in [int(one["button"]["call"].split(":")[1]) for one in rows]


async def test_it_tells_how_that_changed_since_yesterday_and_over_a_weekend(office: Office) -> None:
    await laid_down(office.database, levels())
    numbers = [one.number for one in await opened(office.database, *[a_message() for _ in range(3)])]
    lines = {}
    for day, late in (("04-01", 0), ("04-02", 2), ("04-03", 2), ("04-06", 1)):
        for place, number in enumerate(numbers):
            hours = -1 if place < late else 100
            await due(office.database, number, at(f"{day} 09:00") + hours * HOUR)
        await office.ticks(at(f"{day} 09:00"))
        card = (await office.deliver())[-1].card
        lines[day] = [
            "".join(part if isinstance(part, str) else part["spoken"] for part in one) for one in card["lines"]
        ]
    assert lines["04-01"] == []
    assert says(lines["04-02"][0], "en", "digest.more_overdue", number=2, then="yesterday")
    assert says(lines["04-02"][1], "en", "digest.same_open", then="yesterday")
    assert says(lines["04-03"][0], "en", "digest.same_overdue", then="yesterday")
    assert says(lines["04-06"][0], "en", "digest.fewer_overdue", number=1)
    assert "yesterday" not in lines["04-06"][0]
    assert "Apr 3" in lines["04-06"][0]


async def test_the_picture_has_a_bar_for_each_holder(office: Office) -> None:
    await laid_down(office.database, levels())
    mine, other = await opened(office.database, a_message(), a_message())
    hana = await an_agent(office.database, "Hana")
    async with office.database.transaction() as tx:
        await tx.inquiries.save(mine.claim(an_act(hana)))
    await due(office.database, mine.number, at("03-31 09:00"))
    await office.ticks(at("04-01 09:00"))
    [told] = await office.deliver()
    bars = told.card["chart"]["bars"]
    assert [(one["label"], one["parts"]) for one in bars] == [("Hana", [1, 0, 0, 0]), ("Nobody", [0, 0, 1, 0])]
    assert other.holder is None


async def test_what_could_not_be_sent_in_its_part_of_the_day_is_not_sent_at_all(office: Office) -> None:
    await laid_down(office.database, levels())
    await office.ticks(at("04-01 09:00"), at("04-01 18:00"), at("04-02 09:00"))
    office.clock.set(at("04-02 09:05"))
    told = await office.deliver()
    assert len(told) == 1, "the chat was away for a day: there is no pile"
    assert says(told[0].card["title"], "en", "digest.morning", queue="support")
    assert len(await office.deliver()) == 1
