"""What time brings about in calls: each thing once, to the right people, by however many processes, and never late."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.operations.metrics import Metrics
from bot import phone_desk
from bot.domain.advice import Token
from bot.domain.advising import second
from bot.domain.errors import Conflict
from bot.domain.events import Act, EventKind
from bot.domain.phone import Voice
from bot.domain.phoning import check
from bot.domain.prepared import PreparedAdvice
from bot.notices import NoticeKind
from bot.phone_watch import EXPERTS, PATIENCE, UNREAD, PhoneWatch
from bot.ports import Place, StoreDown, Transaction
from storage.database import Database
from storage.tables import phone_call
from tests.commands.window import happened
from tests.flows.nudge_office import DyingStore
from tests.flows.phone_office import PhoneOffice, a_phone_office
from tests.support.texts import says

CHECK, UNREAD_, HELP, BOARD = NoticeKind.CALL_CHECK, NoticeKind.UNREAD, NoticeKind.HELP, NoticeKind.BOARD
TOLD_ALL = [("@emma", 1), ("@mia", 1), ("@rei", 1)]


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[PhoneOffice]:
    async with a_phone_office(database_url) as opened:
        yield opened


class Forgetful(PhoneWatch):
    """A watch that keeps in memory what it has said, and asks nobody whether it is of use still: the naive way."""

    def __init__(self, store: Database) -> None:
        super().__init__(store, Metrics())
        self._database = store
        self.done: set[tuple[str, int]] = set()

    async def tick(self) -> int:
        async with self._database.transaction() as tx:
            now = await tx.nudges.now()
            for one in await tx.phone.live():
                due = check(one.call, PATIENCE, None)
                if due and due[0] <= now and self._is_new("check", one.call.id):
                    await tx.phone.say_check(one.call, now)
            calls = (await tx.session.run(sa.select(phone_call.c.id))).scalars().all()
            for advice in chain.from_iterable((await tx.advice.of_calls(calls)).values()):
                told = second(await tx.agents.all(), advice, ())
                if told and advice.at + UNREAD <= now and self._is_new("unread", advice.id):
                    await tx.advice.second(advice.id, told.id, now)
            for request in chain.from_iterable([await tx.help_requests.of_call(call) for call in calls]):
                if request.at + EXPERTS <= now and self._is_new("experts", request.id):
                    await tx.help_requests.save(request, request, [Place("workspace", "customs")])
        return 0

    def _is_new(self, what: str, id_: int) -> bool:
        is_new = (what, id_) not in self.done
        self.done.add((what, id_))
        return is_new


Story = Callable[[PhoneOffice, Callable[[], PhoneWatch]], Awaitable[int]]
"""Something that happens while processes watch, each made anew; and how many messages came of it."""


async def both_ways(office: PhoneOffice, story: Story) -> tuple[int, int]:
    """What comes of a story with our watch, and then with the naive one."""
    return await story(office, office.watch), await story(office, lambda: Forgetful(office.database))


# --- forgotten calls ----------------------------------------------------------------------------------------


async def test_a_forgotten_call_is_asked_about_once_and_ended_once(office: PhoneOffice) -> None:
    call = await office.begins()
    assert await office.tick(minutes=29, seconds=59) == 0
    assert await office.tick(seconds=1) == 1
    assert [await office.tick(seconds=2) for _ in range(3)] == [0, 0, 0]
    assert await office.said(CHECK) == [("@hana", 1)]
    await office.delivers()
    [question] = [one.card for one in office.standing(CHECK, "@hana")]
    assert await office.tick(minutes=9, seconds=53) == 0
    assert (await office.call(call.id)).is_live
    assert await office.tick(seconds=1) == 1
    assert [await office.tick(minutes=10) for _ in range(3)] == [0, 0, 0]
    ended = await office.call(call.id)
    assert ended.ended is not None
    assert (ended.ended.by, ended.ended.at, ended.is_estimated) == (Voice.RULE, call.started_at, True)
    assert call.inquiry
    assert (await happened(office.database, call.inquiry)).count(EventKind.HUNG_UP) == 1
    assert await office.said(CHECK) == [("@hana", 2)], "the question is drawn anew, and not asked again"
    await office.delivers()
    [answered] = office.standing(CHECK, "@hana")
    assert len(answered.card["buttons"]) < len(question["buttons"])
    assert office.counts.labelled["madoguchi_phone_watch_total", "ask"] == 1
    assert office.counts.labelled["madoguchi_phone_watch_total", "end"] == 1


async def test_every_process_that_starts_asks_no_second_time(office: PhoneOffice) -> None:
    async def story(office: PhoneOffice, starts: Callable[[], PhoneWatch]) -> int:
        before = len(await office.said(CHECK))
        call = await office.begins()
        for seconds in (30 * 60, 2, 2):
            await office.tick(seconds=seconds, watch=starts())
        await office.ends(call)
        return len(await office.said(CHECK)) - before

    assert await both_ways(office, story) == (1, 3)


async def test_a_sign_after_the_question_answers_it_and_all_begins_anew(office: PhoneOffice) -> None:
    call = await office.begins()
    await office.tick(minutes=30)
    office.time.forward(timedelta(minutes=9))
    await office.says_still(call)
    assert await office.said(CHECK) == [("@hana", 2)], "their answer shows where they were asked"
    assert [await office.tick(minutes=1), await office.tick(minutes=28)] == [0, 0]
    assert (await office.call(call.id)).is_live
    assert await office.tick(minutes=1) == 1
    assert len(await office.said(CHECK)) == 2
    assert await office.tick(minutes=10) == 1
    assert not (await office.call(call.id)).is_live


async def test_an_answer_counts_also_by_a_clock_that_is_behind(office: PhoneOffice) -> None:
    """The question bears the database's time, and the answer that of the machine which heard it."""
    call = await office.begins()
    await office.tick(minutes=30)
    await office.delivers()
    office.time.forward(timedelta(seconds=5))
    behind = Act(office.time() - timedelta(minutes=2), "workspace", call.agent)
    async with office.database.transaction() as tx:
        await phone_desk.still(tx, call, behind)
    assert await office.tick(minutes=10, seconds=1) == 0
    assert (await office.call(call.id)).is_live
    await office.delivers()
    [question] = office.standing(CHECK, "@hana")
    assert [button["call"] for button in question.card["buttons"] if "phone_still" in button["call"]] == []


async def test_who_says_after_the_end_that_they_talk_still_does(office: PhoneOffice) -> None:
    call = await office.begins()
    await office.tick(minutes=30)
    await office.tick(minutes=10)
    await office.says_still(call)
    assert (await office.call(call.id)).is_live
    assert await office.tick(minutes=29) == 0


async def test_a_process_that_was_down_for_long_asks_before_it_ends(office: PhoneOffice) -> None:
    call = await office.begins()
    assert await office.tick(minutes=120) == 1
    assert (await office.call(call.id)).is_live
    assert await office.tick(minutes=9) == 0
    assert await office.tick(minutes=1) == 1
    assert not (await office.call(call.id)).is_live


async def test_a_call_that_was_ended_in_time_is_never_asked_about(office: PhoneOffice) -> None:
    await office.ends(await office.begins())
    assert [await office.tick(minutes=60) for _ in range(2)] == [0, 0]
    assert await office.said(CHECK) == []


# --- unread advice ------------------------------------------------------------------------------------------


async def test_unread_advice_is_told_once_to_the_next_supervisor_by_name(office: PhoneOffice) -> None:
    advice = await office.advises(await office.begins())
    assert await office.tick(seconds=59) == 0
    assert await office.tick(seconds=1) == 1
    assert [await office.tick(seconds=2) for _ in range(3)] == [0, 0, 0]
    assert await office.said(UNREAD_) == [("@mia", 1)]
    async with office.database.snapshot() as tx:
        kept = await tx.advice.get(advice.id)
    assert kept
    assert kept.second == office.people["Mia"]


@pytest.mark.parametrize(
    ("away", "told"), [(("Mia",), ["@rei"]), (("Mia", "Rei"), []), ((), ["@mia"])], ids=["next", "nobody", "all there"]
)
async def test_whoever_is_away_is_passed_over(office: PhoneOffice, away: Sequence[str], told: list[str]) -> None:
    for name in away:
        await office.goes_away(name)
    await office.advises(await office.begins())
    await office.tick(seconds=60)
    assert [channel for channel, _ in await office.said(UNREAD_)] == told


async def test_advice_that_nobody_could_be_told_of_is_told_once_somebody_is_back(office: PhoneOffice) -> None:
    for name in ("Mia", "Rei"):
        await office.goes_away(name, hours=0.1)
    await office.advises(await office.begins())
    assert await office.tick(seconds=60) == 0
    assert await office.tick(minutes=6) == 1


async def test_what_was_seen_is_told_to_nobody(office: PhoneOffice) -> None:
    async def story(office: PhoneOffice, starts: Callable[[], PhoneWatch]) -> int:
        before = len(await office.said(UNREAD_))
        call = await office.begins()
        advice = await office.advises(call)
        office.time.forward(timedelta(seconds=59))
        await office.tells(advice, Token.SEEN)
        await office.tick(seconds=5, watch=starts())
        await office.ends(call)
        return len(await office.said(UNREAD_)) - before

    ours, naive = await both_ways(office, story)
    assert (ours, naive > 0) == (0, True)


async def test_what_is_seen_at_that_very_moment_is_told_at_most_once_and_then_says_so(office: PhoneOffice) -> None:
    advice = await office.advises(await office.begins())
    office.time.forward(UNREAD)
    await asyncio.gather(office.watch().tick(), office.tells(advice, Token.SEEN))
    await office.tick(seconds=2)
    await office.delivers()
    assert [one for one in office.standing(UNREAD_) if not says(one.card["title"], "en", "unread.seen")] == []


async def test_a_call_that_is_over_tells_of_no_unread_advice(office: PhoneOffice) -> None:
    async def story(office: PhoneOffice, starts: Callable[[], PhoneWatch]) -> int:
        before = len(await office.said(UNREAD_))
        call = await office.begins()
        await office.advises(call)
        office.time.forward(timedelta(seconds=30))
        await office.ends(call)
        await office.tick(minutes=60, watch=starts())
        return len(await office.said(UNREAD_)) - before

    ours, naive = await both_ways(office, story)
    assert (ours, naive > 0) == (0, True)


async def test_a_process_that_was_down_for_an_hour_tells_it_once(office: PhoneOffice) -> None:
    await office.advises(await office.begins())
    await office.tick(minutes=60)
    await office.tick(seconds=2)
    assert await office.said(UNREAD_) == [("@mia", 1)]


async def test_the_message_says_whose_advice_it_is_and_then_that_it_was_seen(office: PhoneOffice) -> None:
    advice = await office.advises(await office.begins())
    await office.tick(seconds=60)
    await office.delivers()
    [told] = office.standing(UNREAD_, "@mia")
    assert says(told.card["title"], "en", "unread.title", person="Hana", sender="Emma")
    assert told.card["quote"] == advice.text
    assert "012345678" not in str(told.card).replace("-", "").replace(" ", "")
    await office.tells(advice, Token.USED)
    await office.delivers()
    [told] = office.standing(UNREAD_, "@mia")
    assert says(told.card["title"], "en", "unread.seen", person="Hana")
    assert len(told.card["buttons"]) == 2


async def test_the_message_says_that_the_call_is_over(office: PhoneOffice) -> None:
    call = await office.begins()
    await office.advises(call)
    await office.delivers()
    await office.tick(seconds=60)
    await office.delivers()
    await office.ends(call)
    await office.delivers()
    [told] = office.standing(UNREAD_, "@mia")
    assert says(told.card["title"], "en", "unread.over", person="Hana")
    assert len(told.card["buttons"]) == 1


# --- help ---------------------------------------------------------------------------------------------------


async def test_help_is_asked_of_all_supervisors_and_then_of_the_experts_of_the_topic(office: PhoneOffice) -> None:
    await office.begins(about="What about customs?")
    await office.types("Hana", "/help me")
    assert await office.said(HELP) == TOLD_ALL
    assert await office.tick(seconds=59) == 0
    assert await office.tick(seconds=1) == 1
    assert [await office.tick(seconds=2) for _ in range(3)] == [0, 0, 0]
    assert await office.said(HELP) == [("@emma", 2), ("@mia", 2), ("@rei", 2), ("customs", 1)]
    await office.delivers()
    assert {one.card["badge"] for one in office.standing(HELP)} == {"Experts asked too"}


async def test_experts_are_asked_once_however_often_processes_start(office: PhoneOffice) -> None:
    async def story(office: PhoneOffice, starts: Callable[[], PhoneWatch]) -> int:
        call = await office.begins(about="What about customs?")
        await office.types("Hana", "/help me")
        for seconds in (60, 2, 2):
            await office.tick(seconds=seconds, watch=starts())
        [times] = [times for channel, times in (await office.said(HELP))[-4:] if channel == "customs"]
        await office.ends(call)
        return times

    assert await both_ways(office, story) == (1, 3)


async def test_advice_answers_it_and_no_expert_is_asked_any_more(office: PhoneOffice) -> None:
    call = await office.begins(about="What about customs?")
    await office.types("Hana", "/help me")
    await office.delivers()
    office.time.forward(timedelta(seconds=30))
    await office.advises(call, "Emma")
    assert await office.tick(seconds=31) == 0
    await office.delivers()
    assert {one.channel for one in office.standing(HELP)} == {"@emma", "@mia", "@rei"}
    for one in office.standing(HELP):
        assert says(one.card["title"], "en", "help_me.advising", person="Emma", asker="Hana")


async def test_a_call_that_is_over_asks_nobody_any_more(office: PhoneOffice) -> None:
    call = await office.begins(about="What about customs?")
    await office.types("Hana", "/help me")
    await office.delivers()
    await office.ends(call)
    assert [await office.tick(minutes=2), await office.tick(minutes=60)] == [0, 0]
    await office.delivers()
    assert {one.channel for one in office.standing(HELP)} == {"@emma", "@mia", "@rei"}
    assert all(says(one.card["title"], "en", "help_me.over", person="Hana") for one in office.standing(HELP))


async def test_help_that_nobody_gave_before_the_end_reaches_nobody_after_it(office: PhoneOffice) -> None:
    call = await office.begins()
    await office.types("Hana", "/help me")
    await office.ends(call)
    await office.delivers()
    assert office.standing(HELP) == []


async def test_without_an_expert_the_request_goes_on_waiting(office: PhoneOffice) -> None:
    await office.begins(about="The parcel is late")
    await office.types("Hana", "/help me")
    assert await office.tick(seconds=60) == 0
    await office.types("Hana", "/help me Is it the law?")
    assert await office.tick(seconds=2) == 1
    assert (await office.said(HELP))[-1] == ("@ken", 1)


# --- prepared advice ----------------------------------------------------------------------------------------


async def test_prepared_advice_is_said_when_it_is_due_and_once_a_call(office: PhoneOffice) -> None:
    rule = PreparedAdvice(id=0, name="long", text="Offer to call back", longer_than=timedelta(minutes=5), is_on=True)
    async with office.database.transaction() as tx:
        await tx.prepared.keep(rule, 0, office.people["Emma"], office.time())
    call = await office.begins()
    assert await office.tick(minutes=4, seconds=59) == 0
    office.time.forward(timedelta(seconds=1))
    await asyncio.gather(*(office.watch().tick() for _ in range(3)))
    await office.tick(seconds=2)
    async with office.database.snapshot() as tx:
        assert [one.text for one in await tx.advice.of_call(call.id)] == [rule.text]
    assert office.counts.labelled["madoguchi_phone_watch_total", "prepared"] == 1


# --- boards -------------------------------------------------------------------------------------------------


async def test_boards_are_drawn_anew_once_a_minute_while_anybody_talks(office: PhoneOffice) -> None:
    async with office.database.transaction() as tx:
        await tx.phone.show_board(Place("workspace", "floor"))
    watch = office.watch()
    await office.tick(minutes=5, watch=watch)
    call = await office.begins()
    [(_, begun)] = await office.said(BOARD)
    office.time.forward(timedelta(seconds=20))
    other = await office.begins("Ken", "+819087654321")
    [(_, both)] = await office.said(BOARD)
    assert both > begun
    drawn = []
    for _ in range(5 * 30):
        await office.tick(seconds=2, watch=watch)
        drawn.append((await office.said(BOARD))[0][1])
    assert drawn[-1] - both == 5
    assert max(drawn.count(one) for one in set(drawn[19:])) == 30
    for one in (call, other):
        await office.ends(one)
    [(_, over)] = await office.said(BOARD)
    await office.tick(minutes=10, watch=watch)
    assert await office.said(BOARD) == [("floor", over)]


# --- processes ----------------------------------------------------------------------------------------------


async def test_two_processes_do_each_thing_once(office: PhoneOffice) -> None:
    other = office.time.database() if "postgresql" in office.database.url else office.database
    watches = [office.watch(), PhoneWatch(other, office.counts)]
    calls = [await office.begins(), await office.begins("Ken", "+819087654321", "What about customs?")]
    for call in calls:
        await office.advises(call)
    await office.types("Ken", "/help me")
    for minutes in (1, 29, 10):
        office.time.forward(timedelta(minutes=minutes))
        for _ in range(3):
            await asyncio.gather(*(one.tick() for one in watches * 2))
    if other is not office.database:
        await other.close()
    done = office.counts.labelled
    what = {name: done["madoguchi_phone_watch_total", name] for name in ("ask", "end", "unread", "experts")}
    assert what == {"ask": 2, "end": 2, "unread": 2, "experts": 1}
    assert len(await office.said(CHECK)) == 2
    assert len(await office.said(UNREAD_)) == 2
    for call in calls:
        assert call.inquiry
        assert (await happened(office.database, call.inquiry)).count(EventKind.HUNG_UP) == 1


@pytest.mark.parametrize("late", [False, True], ids=["before", "at its commit"])
async def test_a_process_may_die_at_any_transaction_and_another_does_the_rest(office: PhoneOffice, late: bool) -> None:
    call = await office.begins(about="What about customs?")
    await office.advises(call, "Emma")
    await office.types("Hana", "/help me")
    for minutes in (30, 10):
        office.time.forward(timedelta(minutes=minutes))
        for allowed in range(5):
            await office.watch(DyingStore(office.database, allowed, late)).tick()
            await office.watch(DyingStore(office.database, 0, late)).tick()
        await office.tick()
    assert [len(await office.said(kind)) for kind in (CHECK, UNREAD_)] == [1, 1]
    assert [channel for channel, _ in await office.said(HELP)].count("customs") == 1
    assert not (await office.call(call.id)).is_live


class Failing:
    """A store in which a number of transactions fail at their beginning."""

    def __init__(self, database: Database, error: Exception, times: int) -> None:
        self._database, self._error, self._times = database, error, times

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self._times -= 1
        if self._times >= 0:
            raise self._error
        async with self._database.transaction() as tx:
            yield tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        async with self._database.snapshot() as tx:
            yield tx


async def test_what_fails_keeps_nothing_else_waiting(office: PhoneOffice) -> None:
    for who, number in (("Hana", "+819012345678"), ("Ken", "+819087654321")):
        await office.begins(who, number)
    office.time.forward(timedelta(minutes=30))
    assert await office.watch(Failing(office.database, Conflict("it gave way"), 1)).tick() == 1
    assert await office.tick() == 1


async def test_an_error_of_ours_keeps_nothing_else_waiting_and_is_not_hidden(office: PhoneOffice) -> None:
    for who, number in (("Hana", "+819012345678"), ("Ken", "+819087654321")):
        await office.begins(who, number)
    office.time.forward(timedelta(minutes=30))
    with pytest.raises(ZeroDivisionError):
        await office.watch(Failing(office.database, ZeroDivisionError(), 1)).tick()
    assert len(await office.said(CHECK)) == 1


async def test_a_store_that_is_down_is_looked_at_again(office: PhoneOffice) -> None:
    await office.begins()
    office.time.forward(timedelta(minutes=30))
    assert await office.watch(Failing(office.database, StoreDown("gone"), 9)).tick() == 0
    assert await office.tick() == 1


async def test_while_nobody_talks_one_statement_is_asked_and_nothing_written(office: PhoneOffice) -> None:
    await office.ends(await office.begins())
    asked: list[str] = []

    @sa.event.listens_for(office.database._reader.sync_engine, "before_cursor_execute")
    def heard(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.upper().startswith("BEGIN"):
            asked.append(statement)

    assert await office.watch(Failing(office.database, ZeroDivisionError(), 9)).tick() == 0
    assert len(asked) == 1, asked


async def test_what_nobody_can_be_told_of_takes_as_many_statements_however_much_it_is(office: PhoneOffice) -> None:
    """There is one supervisor, who said it all: it stays unread, and is looked at every two seconds."""
    for name in ("Mia", "Rei"):
        await office.goes_away(name)
    took = []
    for who, pieces in (("Hana", 1), ("Ken", 4)):
        call = await office.begins(who)
        for _ in range(pieces):
            await office.advises(call)
        await office.tick(minutes=2)
        statements: list[str] = []

        @sa.event.listens_for(office.database._reader.sync_engine, "before_cursor_execute")
        def note(_connection: Any, _cursor: Any, statement: str, *_: Any, kept: list[str] = statements) -> None:
            kept.append(statement)

        assert await office.tick() == 0
        sa.event.remove(office.database._reader.sync_engine, "before_cursor_execute", note)
        took.append(len(statements))
    assert took[0] == took[1] > 3
