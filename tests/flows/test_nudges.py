"""Nudges from what happened to the message in the chat: nothing is forgotten, nobody is pestered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from adapters.operations.metrics import Metrics
from bot.domain import care
from bot.domain.events import Act, EventKind
from bot.domain.inquiry import Status
from bot.domain.policy import Target
from bot.nudges import Nudges
from bot.ports import Handle
from storage.tables import levels, route
from tests.builders import a_message, opened
from tests.flows.nudge_office import LAID_DOWN, DyingStore, Office, an_office, claim, snoozed
from tests.support.clock import MORNING
from tests.support.texts import says

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
A_MOMENT = 11 / 3600
"""Hours after which a place may be told more."""


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with an_office(database_url) as opened:
        yield opened


# --- who is told --------------------------------------------------------------------------------------------


async def test_what_nobody_has_is_told_to_the_channel_then_to_supervisors_then_to_the_person(office: Office) -> None:
    await office.opens()
    assert await office.goes_on() == []
    [(channel, title)] = await office.goes_on(1)
    assert channel == "C1"
    assert says(title, "en", "nudge.left_in_short")
    [(channel, title)] = await office.goes_on(1)
    assert channel == "C1"
    assert says(title, "en", "nudge.due_now_in_short")
    told = await office.goes_on(1)
    assert [channel for channel, _ in told] == ["@emma", "C1"]
    assert all(says(title, "en", "nudge.overdue_in_short") for _, title in told)
    assert [channel for channel, _ in await office.goes_on(1)] == ["@boss", "C1"]
    assert await office.goes_on(100) == []
    assert office.counts.labelled["madoguchi_nudges_total", "team", "clock"] == 4
    assert office.counts.observed["madoguchi_nudge_lag_seconds"] == 4


async def test_the_holder_is_told_by_direct_message(office: Office) -> None:
    [number] = await office.opens()
    await office.does(number, claim)
    assert [channel for channel, _ in await office.goes_on(1)] == ["@hana"]
    assert [channel for channel, _ in await office.goes_on(2)] == ["@emma", "@hana"]


async def test_nobody_known_as_the_person_and_no_channel_leave_it_to_the_supervisors(office: Office) -> None:
    await office.lay_down(LAID_DOWN.replace("tell: Boss", "tell: Nobody"))
    async with office.database.transaction() as tx:
        await tx.session.run(sa.delete(route))
    await office.opens()
    assert [channel for channel, _ in await office.goes_on(1)] == ["@emma"]
    assert [channel for channel, _ in await office.goes_on(3)] == ["@emma"]


async def test_the_person_may_be_named_by_handle(office: Office) -> None:
    await office.lay_down(LAID_DOWN.replace("tell: Boss", "tell: slack:ken"))
    await office.opens()
    assert [channel for channel, _ in await office.goes_on(4)] == ["@emma", "@ken", "C1"]


async def test_what_an_away_holder_has_goes_to_the_team(office: Office) -> None:
    [number] = await office.opens()
    await office.does(number, claim)
    async with office.database.transaction() as tx:
        await tx.absences.add(office.people["Hana"].id, MORNING + HOUR / 2, MORNING + 48 * HOUR)
    [(channel, title)] = await office.goes_on(1)
    assert channel == "C1"
    assert says(title, "en", "nudge.left_in_short")
    assert (await office.inquiry(number)).holder is None
    assert await office.noted(number) == {"away:2": "done", "first_response:1:0:warn-50": "told"}


async def test_quiet_hours_delay_what_is_told_to_a_person_and_an_urgent_matter_goes_to_the_team_too(
    office: Office,
) -> None:
    calm, urgent = await office.opens(2)
    await office.does(urgent, lambda one, act: care.tag(one, ["FIRE"], act))
    for number in (calm, urgent):
        await office.does(number, claim)
    async with office.database.transaction() as tx:
        await tx.absences.set_quiet(office.people["Hana"].id, time(1, 30), time(3, 0))
    [(channel, title)] = await office.goes_on(1)
    assert channel == "C1"
    assert says(title, "en", "nudge.left_in_short")
    assert await office.goes_on(0.9) == [], "at five to noon, two in the morning of UTC"
    [(channel, title)] = await office.goes_on(0.11)
    assert channel == "@hana"
    assert says(title, "en", "nudge.several", number=2)


# --- when ---------------------------------------------------------------------------------------------------


async def test_outside_business_hours_nothing_is_said_but_of_urgent_matters(office: Office) -> None:
    office.time.forward(7.5 * HOUR)
    calm, urgent = await office.opens(2)
    await office.does(urgent, lambda one, act: care.tag(one, ["fire"], act))
    assert [channel for channel, _ in await office.goes_on(1)] == ["C1"]
    assert await office.noted(urgent) == {"first_response:1:0:warn-50": "told"}
    for _ in range(14):
        await office.goes_on(1)
        assert await office.noted(calm) == {}
    await office.goes_on(1)
    assert await office.noted(calm) == {"first_response:1:0:warn-50": "told"}


async def test_a_snooze_holds_all_and_then_says_once_what_matters_most(office: Office) -> None:
    [number] = await office.opens()
    await office.does(number, snoozed(MORNING + 2.5 * HOUR))
    assert await office.goes_on(2) == []
    [(_, title)] = await office.goes_on(0.5)
    assert says(title, "en", "nudge.overdue_in_short")
    outcomes = {"first_response:1:0:due": "told", "first_response:1:0:warn-50": "over", "snoozed:2": "over"}
    assert await office.noted(number) == outcomes


async def test_who_does_nothing_is_asked_and_then_it_goes_back_to_the_team(office: Office) -> None:
    await office.lay_down(LAID_DOWN.replace("next_response: 2h", "resolution: 90h").replace("first_response: 2h", ""))
    [number] = await office.opens()
    await office.does(number, claim)
    [(channel, title)] = await office.goes_on(4)
    assert (channel, says(title, "en", "nudge.untouched")) == ("@hana", True)
    [(channel, title)] = await office.goes_on(1)
    assert (channel, says(title, "en", "nudge.hand_back")) == ("C1", True)
    after = await office.inquiry(number)
    assert (after.holder, after.status) == (None, Status.OPEN)
    assert await office.noted(number) == {"hand_back:2": "done", "untouched:2": "told"}
    assert await office.goes_on(1) == []


async def test_a_silent_customer_is_told_of_and_closing_is_offered(office: Office) -> None:
    [number] = await office.opens()
    await office.does(number, claim)
    await office.does(number, lambda one, act: one.answer(act, "Hana", MORNING), None)
    assert await office.goes_on(72) == [], "it is Saturday"
    [(channel, title)] = await office.goes_on(47)
    assert (channel, says(title, "en", "nudge.silent")) == ("@hana", True)
    [(channel, title)] = await office.goes_on(96)
    assert (channel, says(title, "en", "nudge.closing")) == ("@hana", True)
    assert (await office.inquiry(number)).status is Status.WAITING_ON_CUSTOMER


async def test_a_wait_that_is_over_goes_on_at_once_whatever_the_hours(office: Office) -> None:
    [number] = await office.opens()
    await office.does(number, claim)
    until = MORNING + 12 * HOUR
    await office.does(number, lambda one, act: care.wait(one, Status.WAITING_ON_THIRD_PARTY, until, "the bank", act))
    await office.goes_on(11.9)
    assert (await office.inquiry(number)).status is Status.WAITING_ON_THIRD_PARTY
    assert await office.goes_on(0.1) == []
    after = await office.inquiry(number)
    assert (after.status, after.waiting_until) == (Status.OPEN, None)
    async with office.database.snapshot() as tx:
        last = (await tx.inquiries.timeline(number))[-1]
    assert (last.kind, last.act.source, last.act.agent) == (EventKind.RESUMED, "schedule", None)
    assert await office.noted(number) == {"resume:3": "done"}
    assert [whisper.channel for whisper in office.chat.standing("@hana")] == ["@hana"], "she hears that it goes on"


async def test_people_are_reminded_of_what_they_wanted(office: Office) -> None:
    [number] = await office.opens()
    async with office.database.transaction() as tx:
        await tx.follow_ups.add(number, office.people["Ken"].id, MORNING + HOUR / 2, "call the depot", MORNING)
    [(channel, title)] = await office.goes_on(0.5)
    assert (channel, says(title, "en", "nudge.follow_up")) == ("@ken", True)
    assert await office.tick(0.1) == 0


async def test_a_tag_of_the_customer_or_new_levels_time_what_is_open_anew(office: Office) -> None:
    [number] = await office.opens()
    await office.tick()
    first = await office.inquiry(number)
    assert (first.policy, first.due_at, first.due_target) == ("standard", MORNING + 2 * HOUR, "first_response")
    await office.lay_down(LAID_DOWN.replace("tags: [fire]", "ranks: [VIP]").replace("2h\n    warn: [50]", "30m\n", 1))
    await office.tick()
    assert (await office.inquiry(number)).due_at == MORNING + 2 * HOUR
    async with office.database.transaction() as tx:
        act = Act(office.time(), "slack", office.people["Hana"])
        await tx.customers.describe(first.customer.id, "Ms Ito", "", "", ["vip"], act)
    await office.tick()
    after = await office.inquiry(number)
    assert (after.policy, after.due_at, after.version) == ("urgent", MORNING + HOUR / 2, first.version)


# --- never a storm ------------------------------------------------------------------------------------------


async def test_a_place_gets_one_message_in_ten_seconds_and_what_comes_meanwhile_joins_the_next(office: Office) -> None:
    first, second, third = await office.opens(3)
    for number, seconds in ((second, 3), (third, 5)):
        await office.does(number, snoozed(MORNING + HOUR + seconds * SECOND))
    assert len(await office.goes_on(1)) == 1
    assert await office.goes_on(4 / 3600) == []
    assert await office.goes_on(4 / 3600) == []
    assert first
    [(_, title)] = await office.goes_on(3 / 3600)
    assert says(title, "en", "nudge.several", number=2)


async def test_what_comes_up_before_a_message_is_sent_joins_it(office: Office) -> None:
    first, second = await office.opens(2)
    await office.does(second, snoozed(MORNING + HOUR + 3 * SECOND))
    await office.tick(1)
    await office.tick(3 / 3600)
    await office.deliver()
    [message] = office.nudges()
    assert says(message.card["title"], "en", "nudge.several", number=2)
    assert len(message.card["items"]) == 2
    assert first


async def test_after_a_day_of_downtime_there_is_one_message_a_place(office: Office) -> None:
    numbers = await office.opens(110)
    told = await office.goes_on(25)
    assert sorted(channel for channel, _ in told) == ["@boss", "@emma", "C1"]
    assert all(says(title, "en", "nudge.several", number=110) for _, title in told)
    for number in (numbers[0], numbers[-1]):
        assert list((await office.noted(number)).values()).count("told") == 1
    assert await office.goes_on(A_MOMENT) == []


# --- what is told follows what happens ----------------------------------------------------------------------


async def test_a_message_is_drawn_anew_when_its_inquiry_is_claimed_and_resolved(office: Office) -> None:
    [number] = await office.opens()
    await office.goes_on(1)
    [message] = office.nudges()
    assert message.card["buttons"]
    await office.does(number, claim)
    assert await office.goes_on(A_MOMENT) == []
    assert says(message.card["title"], "en", "nudge.over.claimed", holder="Hana")
    await office.does(number, lambda one, act: one.resolve("", act))
    assert await office.goes_on(A_MOMENT) == []
    assert says(message.card["title"], "en", "nudge.over.resolved")
    assert message.updates == 2


async def test_a_message_says_that_it_was_dealt_with_by_more_time_a_snooze_or_a_word_of_the_holder(
    office: Office,
) -> None:
    await office.lay_down(LAID_DOWN.replace("untouched: 4h", "untouched: 30m"))
    extended, slept, kept = await office.opens(3)
    await office.does(kept, claim)
    await office.goes_on(2)
    [asked] = office.nudges("@hana")
    assert says(asked.card["title"], "en", "nudge.due_now_in_short"), "which says more than to ask whether she is at it"
    more = timedelta(hours=3)
    await office.does(extended, lambda one, act: care.extend(one, Target.FIRST_RESPONSE, more, "so", act), "Emma")
    await office.does(slept, snoozed(MORNING + 3 * HOUR))
    await office.does(kept, care.keep)
    assert await office.goes_on(A_MOMENT) == []
    [listed] = office.nudges("C1")
    assert listed.updates == 1
    assert says(listed.card["title"], "en", "nudge.all_over")
    title = asked.card["title"]
    assert says(title, "en", "nudge.overdue_in_short") or says(title, "en", "nudge.due_now_in_short")
    told = dict(await office.goes_on(0.6))
    assert says(told["@hana"], "en", "nudge.untouched")
    assert says(told["C1"], "en", "nudge.left_in_short"), "the half of what was given more"
    await office.does(kept, care.keep)
    await office.goes_on(A_MOMENT)
    assert says(office.nudges("@hana")[-1].card["title"], "en", "nudge.over.held", holder="Hana")


async def test_what_is_over_before_it_was_sent_is_not_sent(office: Office) -> None:
    [number] = await office.opens()
    await office.tick(1)
    await office.does(number, claim)
    await office.does(number, lambda one, act: one.resolve("", act))
    await office.deliver()
    assert office.nudges() == []


async def test_what_was_over_before_it_was_sent_is_not_sent_later_either(office: Office) -> None:
    [number] = await office.opens()
    await office.tick(1)
    await office.does(number, claim)
    await office.deliver()
    await office.tick()
    await office.does(number, lambda one, act: one.release(act))
    assert await office.goes_on(A_MOMENT) == []


async def test_an_erasure_sends_nothing_that_was_over_before_it_was_sent(office: Office) -> None:
    one, other = await opened(office.database, *(a_message(from_address=f"{who}@example.com") for who in ("a", "b")))
    await office.tick(1)
    for number in (one.number, other.number):
        await office.does(number, claim)
    await office.deliver()
    await office.does(other.number, lambda inquiry, act: inquiry.release(act))
    async with office.database.transaction() as tx:
        await tx.erasures.erase(one.customer.id, "operator")
    assert await office.goes_on(A_MOMENT) == []


async def test_what_the_team_was_told_of_somebodys_inquiry_is_over_once_it_is_dealt_with(office: Office) -> None:
    """Its holder wants quiet, so that of an urgent matter the team hears too."""
    [number] = await office.opens()
    await office.does(number, lambda one, act: care.tag(one, ["fire"], act))
    await office.does(number, claim)
    async with office.database.transaction() as tx:
        await tx.absences.set_quiet(office.people["Hana"].id, time(1, 30), time(9, 0))
    assert [channel for channel, _ in await office.goes_on(1)] == ["C1"]
    more = timedelta(hours=3)
    await office.does(number, lambda one, act: care.extend(one, Target.FIRST_RESPONSE, more, "so", act), "Emma")
    await office.goes_on(A_MOMENT)
    [message] = office.nudges("C1")
    assert says(message.card["title"], "en", "nudge.over.extended", due="06:00")


async def test_who_has_left_is_not_told_what_was_on_its_way_to_them(office: Office) -> None:
    await office.opens()
    await office.goes_on(2)
    await office.tick(1)
    async with office.database.transaction() as tx:
        await tx.agents.enrol(Handle("slack", "emma"), "Emma", None, "en", "UTC")
    await office.deliver()
    assert office.nudges("@emma") == []
    async with office.database.snapshot() as tx:
        assert await tx.outbox.parked(9) == []


async def test_the_word_for_somebody_who_takes_no_direct_messages_stays_a_word(office: Office) -> None:
    [number] = await office.opens()
    await office.does(number, claim)
    await office.goes_on()
    office.chat.faults.closed.append("@hana")
    await office.goes_on(1)
    [card] = [one for one in office.chat.standing("C1") if one.key.startswith("card")]
    *_, said = office.chat.thread(card)
    assert says(said.card["title"], "en", "whisper.closed", person="Hana")
    await office.does(number, care.keep)
    await office.goes_on(A_MOMENT)
    *_, said = office.chat.thread(card)
    assert says(said.card["title"], "en", "whisper.closed", person="Hana")
    assert office.nudges("@hana") == []


async def test_drawing_a_message_anew_holds_up_nothing(office: Office) -> None:
    first, second = await office.opens(2)
    await office.does(second, snoozed(MORNING + HOUR + 12 * SECOND))
    await office.goes_on(1)
    office.time.forward(11 * SECOND)
    await office.does(first, claim)
    await office.goes_on()
    assert len(await office.goes_on(2 / 3600)) == 1


# --- nothing is lost, nothing twice --------------------------------------------------------------------------


async def test_whatever_is_between_two_ticks_is_made_up_for_by_a_process_that_knows_nothing(office: Office) -> None:
    """A process dies after each of its transactions; the next begins anew."""
    await office.opens(3)
    for hours in (1, 1, 1, 1):
        office.time.forward(hours * HOUR)
        for allowed in range(12):
            for late in (False, True):
                await Nudges(DyingStore(office.database, allowed, late), office.counts).tick()
        await office.deliver()
    assert [len(office.nudges(channel)) for channel in ("C1", "@emma", "@boss")] == [4, 1, 1]


async def test_two_replicas_at_once_tell_each_nudge_once(office: Office) -> None:
    numbers = await office.opens(110)
    others = [] if office.database.is_sqlite else [office.time.database() for _ in range(2)]
    engines = [Nudges(one, office.counts) for one in (office.database, *others)]
    for _ in range(3):
        office.time.forward(HOUR)
        await asyncio.gather(*(one.tick() for one in engines * 2))
        await asyncio.gather(*(one.tick() for one in engines))
        await office.deliver()
    for other in others:
        await other.close()
    assert [len(office.nudges(channel)) for channel in ("C1", "@emma")] == [3, 1]
    for number in numbers:
        assert list((await office.noted(number)).values()) == ["told"] * 3
    assert office.counts.counted["madoguchi_nudges_total"] == 110 * 4


async def test_one_inquiry_that_nobody_understands_keeps_no_other_from_being_told_of(office: Office) -> None:
    broken, well = await office.opens(2)
    await office.does(broken, lambda one, act: one.changed(act, EventKind.EXTENDED, {"target": "?", "seconds": "?"}))
    await office.goes_on(1)
    assert await office.noted(well) == {"first_response:1:0:warn-50": "told"}
    assert await office.noted(broken) == {}


async def test_one_inquiry_that_nobody_understands_has_its_card_and_its_line_still(office: Office) -> None:
    broken, _ = await office.opens(2)
    await office.tick(1)
    await office.does(broken, lambda one, act: one.changed(act, EventKind.EXTENDED, {"target": "?", "seconds": "?"}))
    await office.deliver()
    keys = [one.key.partition(":")[0] for one in office.chat.standing("C1")]
    assert sorted(keys)[:2] == ["card", "card"]
    [message] = office.nudges()
    assert says(message.card["title"], "en", "nudge.several", number=2)


async def test_while_nobody_can_read_the_levels_those_that_could_be_read_last_hold(office: Office) -> None:
    [number] = await office.opens()
    for body in ("policies: nonsense", "calendars: nonsense"):
        await office.lay_down(body)
    assert [channel for channel, _ in await office.goes_on(1)] == ["C1"]
    assert await office.noted(number) == {"first_response:1:0:warn-50": "told"}
    assert (await office.inquiry(number)).due_at == MORNING + 2 * HOUR
    assert [one.key.partition(":")[0] for one in office.chat.standing("C1") if one not in office.nudges()] == ["card"]


async def test_levels_that_nobody_could_ever_read_promise_nothing_and_hold_up_nothing(office: Office) -> None:
    async with office.database.transaction() as tx:
        await tx.session.run(sa.update(levels).values(body="policies: nonsense"))
    [number] = await office.opens()
    async with office.database.transaction() as tx:
        await tx.follow_ups.add(number, office.people["Ken"].id, MORNING + HOUR / 2, "", MORNING)
    assert [channel for channel, _ in await office.goes_on(1)] == ["@ken"]


async def test_what_is_told_is_counted_for_operators(office: Office) -> None:
    await office.opens()
    office.time.forward(HOUR)
    metrics = Metrics()
    assert await Nudges(office.database, metrics).tick() == 1
    told = metrics.exposition().decode()
    assert 'madoguchi_nudges_total{kind="clock",rung="team"} 1.0' in told
    assert 'madoguchi_nudge_lag_seconds_count{kind="clock"} 1.0' in told


async def test_a_store_that_is_down_is_tried_again(office: Office) -> None:
    await office.opens()
    office.time.forward(HOUR)
    assert await Nudges(DyingStore(office.database, 0), office.counts).tick() == 0
    assert len(await office.goes_on()) == 1
