"""The audit of the nudges: what was due and was not said is found by another way, and people are told; nothing else."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.operations.metrics import Metrics
from bot.auditor import GRACE, Auditor
from bot.cards.missed_card import missed_card
from bot.chat.card import Tone
from bot.delivery import Delivery
from bot.domain import care
from bot.domain.agent import Agent, Role
from bot.domain.hours import Span
from bot.domain.inquiry import Inquiry, Status
from bot.domain.levels import Calendar, Level, Levels
from bot.domain.policy import Policy, Target
from bot.health import Health, Part
from bot.level_file import written
from bot.notices import NoticeKind
from bot.nudges import Nudges
from bot.translator import Translator
from storage.database import Database
from storage.saying import DONE, PENDING, REFUSED
from storage.tables import event, follow_up, inquiry, levels, nudge, outbox, telling
from tests.builders import SUPPORT, a_message, a_queue, an_act, an_agent, opened
from tests.fakes.chat import FakeChat
from tests.fakes.chat_platform import FakeChatPlatform
from tests.flows.naive_nudges import TimersInMemory
from tests.support.clock import MORNING, Clock
from tests.support.meter import Counts
from tests.support.texts import says

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OFFICE: dict[int, tuple[Span, ...]] = dict.fromkeys(range(5), ((time(9), time(18)),))
URGENT = Policy("urgent", {Target.FIRST_RESPONSE: HOUR}, (50,), urgent=True)
STANDARD = Policy("standard", {Target.FIRST_RESPONSE: 2 * HOUR}, (50,))


async def at_once(_seconds: float) -> None:
    """Nobody waits in tests."""


@dataclass
class Office:
    """A store with a promise, an engine, and an auditor who looks at it."""

    database: Database
    clock: Clock
    emma: Agent
    hana: Agent
    engine: Nudges
    auditor: Auditor
    laid_down: int = 0
    logged: list[str] = field(default_factory=list)

    async def promises(self, policy: Policy, **more: Any) -> None:
        """That is the level of everything, from now on, in the hours of an office in London's winter."""
        laid_down = Levels(
            {"office": Calendar("office", "UTC", OFFICE)}, (Level(policy=policy, calendar="office", **more),)
        )
        async with self.database.transaction() as tx:
            self.laid_down = await tx.levels.keep(written(laid_down), self.laid_down, None, MORNING, "")

    async def missing(self) -> set[str]:
        """What the audit misses now, inquiries aside."""
        await self.auditor.audit()
        return {one.what for one in self.auditor.missing}

    async def later(self, by: timedelta) -> None:
        """Time passes, and the engine ticks at its end; what it says comes through."""
        self.clock.forward(by)
        await self.engine.tick()
        await self.run(sa.update(outbox).values(state=DONE))

    async def run(self, statement: sa.Executable) -> Any:
        async with self.database.transaction() as tx:
            return await tx.session.run(statement)

    async def does(self, number: int, change: Any) -> Inquiry:
        """Somebody does something with an inquiry."""
        async with self.database.transaction() as tx:
            before = await tx.inquiries.get(number)
            assert before
            done = change(before)
            await tx.inquiries.save(done)
        return done.after  # type: ignore[no-any-return]

    async def alarms(self) -> list[Any]:
        return list(await self.run(sa.select(outbox).where(outbox.c.kind == NoticeKind.MISSED.value)))

    async def health(self) -> Part:
        parts = await Health(self.database, [], [], self.clock, missing=lambda: len(self.auditor.missing)).parts()
        return next(one for one in parts if one.name == "nudges")


async def _office(database: Database, clock: Clock) -> Office:
    await a_queue(database, "support", SUPPORT)
    emma, hana = await an_agent(database, "Emma", Role.SUPERVISOR), await an_agent(database, "Hana")
    office = Office(database, clock, emma, hana, Nudges(database, Counts()), Auditor(database, rest=at_once))
    await office.promises(URGENT)
    return office


@pytest.fixture
async def office(on_sqlite: Database, clock: Clock) -> Office:
    """An office whose time the test tells."""
    return await _office(on_sqlite, clock)


@pytest.fixture
async def any_office(database: Database, clock: Clock) -> Office:
    """An office on either database, long after what its inquiries were promised."""
    clock.set(datetime.now(UTC))
    return await _office(database, clock)


# --- what it finds ------------------------------------------------------------------------------------------


async def test_nothing_is_missing_while_the_engine_ticks(any_office: Office) -> None:
    await opened(any_office.database, a_message(), a_message())
    await any_office.engine.tick()
    assert await any_office.missing() == set()
    assert await any_office.alarms() == []


async def test_a_note_that_is_gone_is_found(any_office: Office) -> None:
    one, _ = await opened(any_office.database, a_message(), a_message())
    await any_office.engine.tick()
    gone = (nudge.c.number == one.number) & (nudge.c.key == "first_response:1:0:due")
    await any_office.run(sa.delete(nudge).where(gone))
    assert await any_office.missing() == {"first_response:1:0:due"}
    assert {one.number for one in any_office.auditor.missing} == {one.number}


async def test_an_engine_that_stands_still_is_found(any_office: Office) -> None:
    await opened(any_office.database)
    assert await any_office.missing() >= {"not timed", "first_response:1:0:due"}
    await any_office.engine.tick()
    assert await any_office.missing() == set()


async def test_an_engine_that_stops_later_is_found(office: Office) -> None:
    await opened(office.database)
    await office.later(MINUTE)
    office.clock.forward(2 * HOUR)
    assert await office.missing() == {"the engine stands still", "first_response:1:0:warn-50", "first_response:1:0:due"}


async def test_columns_that_say_that_nothing_is_due_are_not_believed(office: Office) -> None:
    await opened(office.database)
    await office.later(MINUTE)
    await office.run(sa.update(inquiry).values(timed=inquiry.c.version, next_at=None, due_at=None))
    await office.later(2 * HOUR)
    assert await office.missing() == {"first_response:1:0:warn-50", "first_response:1:0:due"}


async def test_what_nobody_was_told_is_found(office: Office) -> None:
    await opened(office.database)
    await office.later(HOUR)
    await office.run(sa.update(telling).values(outbox_id=None))
    assert await office.missing() == set(), "it is young"
    office.clock.forward(2 * GRACE)
    assert await office.missing() == {"not told"}


async def test_a_message_that_is_not_there_is_found(office: Office) -> None:
    await opened(office.database)
    await office.later(HOUR)
    office.clock.forward(2 * GRACE)
    assert await office.missing() == set()
    await office.run(sa.update(telling).values(outbox_id=4711))
    assert any(what.endswith(" lost") for what in await office.missing())


async def test_what_goes_to_nobody_is_found(office: Office) -> None:
    await opened(office.database)
    await office.later(HOUR)
    await office.run(sa.delete(telling))
    office.clock.forward(2 * GRACE)
    assert "first_response:1:0:due told to nobody" in await office.missing()


async def test_a_wait_that_is_over_and_goes_on_is_found(office: Office) -> None:
    (one,) = await opened(office.database)
    until = MORNING + HOUR
    act = an_act(office.hana)
    await office.does(one.number, lambda it: care.wait(it, Status.WAITING_ON_THIRD_PARTY, until, "the carrier", act))
    await office.later(5 * MINUTE)
    assert await office.missing() == set()
    await office.run(sa.update(inquiry).values(next_at=None))
    await office.later(HOUR + GRACE)
    assert await office.missing() == {"resume"}


async def test_a_follow_up_that_is_forgotten_is_found(office: Office) -> None:
    (one,) = await opened(office.database)
    wanted = {"number": one.number, "agent_id": office.hana.id, "at": MORNING + HOUR, "created_at": MORNING}
    await office.run(sa.insert(follow_up).values(wanted))
    await office.does(one.number, lambda it: it.answer(an_act(office.hana), "Hana", MORNING))
    await office.later(HOUR - MINUTE)
    assert await office.missing() == set()
    office.clock.forward(2 * GRACE)
    assert await office.missing() == {"follow-up"}


async def test_levels_that_nobody_can_read_are_found(office: Office) -> None:
    await opened(office.database)
    await office.later(MINUTE)
    await office.run(sa.update(levels).values(body="levels: nonsense"))
    assert await office.missing() == {"the service levels cannot be read"}


async def test_newest_levels_that_nobody_can_read_are_found_where_earlier_ones_hold(office: Office) -> None:
    await opened(office.database)
    await office.later(MINUTE)
    async with office.database.transaction() as tx:
        await tx.levels.keep("levels: nonsense", office.laid_down, None, MORNING, "")
    assert await office.missing() == {"the service levels cannot be read"}


async def test_what_is_said_meanwhile_is_not_missing(office: Office) -> None:
    """What seems to be missing is looked at once more."""
    await opened(office.database)
    office.clock.forward(3 * HOUR)

    async def meanwhile(_seconds: float) -> None:
        await office.engine.tick()

    assert await office.missing() != set()
    office.auditor = Auditor(office.database, rest=meanwhile)
    assert await office.missing() == set()


async def test_a_broken_engine_is_found_out(office: Office) -> None:
    """The negative control: timers in memory, and a restart."""
    await opened(office.database)
    office.clock.forward(MINUTE)
    before = TimersInMemory(office.database)
    await before.tick()
    office.clock.forward(35 * MINUTE)
    after = TimersInMemory(office.database)
    await after.tick()
    office.clock.forward(GRACE)
    assert "first_response:1:0:warn-50" in await office.missing()


# --- what it leaves alone -----------------------------------------------------------------------------------


async def test_what_has_just_come_up_is_not_missing_yet(office: Office) -> None:
    await opened(office.database)
    await office.later(MINUTE)
    office.clock.forward(HOUR / 2 + GRACE - 2 * MINUTE)
    assert await office.missing() == set()
    office.clock.forward(2 * MINUTE)
    assert "first_response:1:0:warn-50" in await office.missing()


async def test_what_is_snoozed_is_not_missing(office: Office) -> None:
    (one,) = await opened(office.database)
    until = MORNING + timedelta(hours=5)
    await office.does(one.number, lambda it: care.snooze(it, until, an_act(office.hana)))
    await office.later(4 * HOUR)
    assert await office.missing() == set()
    office.clock.forward(HOUR + 2 * GRACE)
    assert any(what.startswith("snoozed:") for what in await office.missing())


async def test_what_is_held_until_the_office_opens_is_not_missing(office: Office) -> None:
    """Half of its time is over as the office closes, where that is said; and the same when nobody is there."""
    await office.promises(STANDARD)
    office.clock.set(datetime(2026, 4, 1, 17, tzinfo=UTC))
    (one,) = await opened(office.database)
    await office.run(sa.update(inquiry).where(inquiry.c.number == one.number).values(opened_at=office.clock()))
    await office.run(sa.update(event).values(at=office.clock()))
    await office.later(10 * HOUR)
    assert await office.missing() == set()
    office.clock.set(datetime(2026, 4, 2, 9, 20, tzinfo=UTC))
    assert "first_response:1:0:warn-50" in await office.missing()


async def test_what_waits_for_a_message_that_is_not_through_is_not_missing(office: Office) -> None:
    """The outbox tells of that."""
    await opened(office.database)
    await office.later(HOUR)
    await office.run(sa.update(telling).values(outbox_id=None))
    await office.run(sa.update(outbox).values(state=PENDING))
    office.clock.forward(2 * GRACE)
    assert await office.missing() == set()


async def test_what_waits_behind_a_message_that_was_refused_is_missing(office: Office) -> None:
    """Nothing waits for that one, and it may stay refused for ever."""
    await opened(office.database)
    await office.later(HOUR)
    await office.run(sa.update(telling).values(outbox_id=None))
    await office.run(sa.update(outbox).values(state=REFUSED))
    office.clock.forward(2 * GRACE)
    assert await office.missing() == {"not told"}


async def test_new_levels_are_given_time(office: Office) -> None:
    await opened(office.database)
    await office.promises(Policy("slow", {Target.FIRST_RESPONSE: 50 * HOUR}))
    await office.later(3 * HOUR)
    await office.promises(URGENT)
    await office.run(sa.text("UPDATE levels SET at = :now").bindparams(now="2026-04-01 04:00:00.000000"))
    assert await office.missing() == set()
    office.clock.forward(2 * GRACE)
    assert "first_response:1:0:due" in await office.missing()


# --- the round, and the alarm -------------------------------------------------------------------------------


async def test_it_goes_round_part_by_part_and_keeps_an_eye_on_what_it_found(office: Office) -> None:
    """Four parts a run of one inquiry each: six inquiries take two runs, and then it begins anew."""
    numbers = {one.number for one in await opened(office.database, *(a_message() for _ in range(6)))}
    office.auditor = Auditor(office.database, part=1, rest=at_once)
    office.clock.forward(3 * HOUR)
    await office.run(sa.update(inquiry).values(timed=inquiry.c.version))
    seen = []
    for _ in range(2):
        await office.auditor.audit()
        seen.append({one.number for one in office.auditor.missing})
    assert [len(one) for one in seen] == [4, 6]
    assert seen[1] == numbers


async def test_supervisors_are_told_once_a_day_and_again_when_it_is_over(office: Office) -> None:
    mia = await an_agent(office.database, "Mia", Role.SUPERVISOR)
    (one,) = await opened(office.database)
    office.clock.forward(3 * HOUR)
    assert await office.missing()
    alarms = await office.alarms()
    assert {(row.agent_id, row.channel) for row in alarms} == {(office.emma.id, "@emma"), (mia.id, "@mia")}
    assert {(row.number, row.version) for row in alarms} == {(one.number, len(office.auditor.missing))}
    await office.run(sa.update(outbox).values(state=DONE))
    await office.missing()
    assert [row.state for row in await office.alarms()] == [DONE, DONE], "nothing new"
    await office.later(MINUTE)
    assert await office.missing() == set()
    assert [(row.state, row.version) for row in await office.alarms()] == [(PENDING, 0)] * 2


async def test_the_log_names_what_is_missing(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    (one,) = await opened(office.database)
    office.clock.forward(3 * HOUR)
    with caplog.at_level(logging.ERROR):
        await office.auditor.audit()
    (said,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert f"#{one.number} first_response:1:0:due" in str(vars(said)["which"])


async def test_health_and_metrics_show_the_lag_and_what_is_missing(office: Office) -> None:
    await opened(office.database)
    await office.later(MINUTE)
    part = await office.health()
    assert (part.trouble, dict(part.figures)) == ("", {"due": 0, "lag_seconds": 0.0, "missing": 0})
    office.clock.forward(HOUR)
    part = await office.health()
    assert "for 31 minutes" in part.trouble
    assert dict(part.figures) == {"due": 1, "lag_seconds": 31 * 60.0, "missing": 0}
    await office.auditor.audit()
    await office.run(sa.update(inquiry).values(next_at=None))
    part = await office.health()
    assert part.trouble.startswith(f"{len(office.auditor.missing)} nudges")
    metrics = Metrics()
    for name, value in part.figures.items():
        metrics.figure(name, value)
    assert f"madoguchi_nudges_missing {len(office.auditor.missing)}.0".encode() in metrics.exposition()
    assert b"madoguchi_nudge_lag_oldest_seconds 0.0" in metrics.exposition()


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_the_message_says_what_to_do_and_follows_what_becomes_of_it(office: Office, language: str) -> None:
    async with office.database.transaction() as tx:
        await tx.agents.speak(office.emma.id, language)
    await opened(office.database)
    office.clock.forward(3 * HOUR)
    missing = len(await office.missing())
    chat = FakeChat()
    await chat.open()
    async with FakeChatPlatform(chat.port, "workspace") as platform:
        delivery = Delivery(office.database, {"workspace": platform}, Translator(), office.clock, Counts())
        await delivery.empty()
        (told,) = chat.standing("@emma")
        assert says(told.card["title"], language, "missed.title", count=missing)
        assert [one["call"] for one in told.card["buttons"]][-1] == "queue"
        await office.engine.tick()
        await office.missing()
        await delivery.empty()
    await chat.close()
    told = next(one for one in chat.standing("@emma") if one.id == told.id)
    assert says(told.card["title"], language, "missed.over")


def test_a_message_about_no_inquiry_in_particular_leads_to_the_queue() -> None:
    say = Translator().speaker("en", "UTC", MORNING)
    card = missed_card(1, 0, say)
    assert [one.call for one in card.buttons] == ["queue"]
    assert missed_card(0, 1001, say).tone is Tone.DONE
