"""Advice in the store: receipts in any order, messages at a pace, and what the end of a call withdraws."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.advice import Advice, AdviceState, Receipt, Token
from bot.domain.advising import EVERY, MOST_PIECES
from bot.domain.agent import Agent, Role
from bot.domain.phone import Began, Ended, PhoneCall, Voice
from bot.domain.prepared import Counts, PreparedAdvice
from bot.notices import NoticeKind
from bot.ports import MessageRef, Place
from storage.advice import AdviceTable
from storage.advice_rows import told_of
from storage.database import Database
from storage.tables import agent, outbox, receipt
from storage.unit import Unit
from tests.builders import an_agent
from tests.support.clock import MORNING
from tests.support.virtual_time import VirtualTime

SECOND = timedelta(seconds=1)
AT_HANA = Place("workspace", "@hana")
LEASE = timedelta(seconds=60)


@dataclass
class Desk:
    """Hana is on a call; Emma and Boss advise her. Time passes as the test wants."""

    time: VirtualTime
    database: Database
    hana: Agent
    emma: Agent
    boss: Agent
    call: PhoneCall

    async def says(
        self,
        text: str = "Ask for the slip.",
        by: Agent | None = None,
        rule: int | None = None,
        call: int | None = -1,
        quiet: datetime | None = None,
    ) -> Advice:
        """One piece, given and bound at this moment, as `bot.whispering` does."""
        of = self.call.id if call == -1 else call
        sender = None if rule else by or self.emma
        one = Advice(to=self.hana, text=text, at=self.time(), sender=sender, rule=rule, call=of)
        async with self.database.transaction() as tx:
            kept = await tx.advice.give(one, None)
            await tx.advice.bind(self.hana.id, EVERY, quiet)
            await tx.advice.say_receipts(kept)
        return kept

    async def tells(self, one: Advice, token: Token, at: datetime | None = None) -> None:
        async with self.database.transaction() as tx:
            await tx.advice.tell(one.id, Receipt(token, at or self.time()))

    async def ends(self) -> list[Advice]:
        async with self.database.transaction() as tx:
            ended = self.call.hearing(Ended(self.time(), Voice.HAND))
            await tx.phone.lock(self.hana.id)
            await tx.phone.keep(ended)
            return await tx.advice.end_call(self.call.id, self.time())

    async def sends(self, until: timedelta = timedelta()) -> list[tuple[datetime, list[str]]]:
        """Let time pass second by second; the messages that go out, each with its words."""
        out = []
        for second in range(int(until.total_seconds()) + 1):
            if second:
                self.time.forward(SECOND)
            async with self.database.transaction() as tx:
                taken = await tx.outbox.take(AT_HANA, "me", LEASE, 100, urgent=True)
            for one in taken:
                async with self.database.transaction() as tx:
                    pieces = [
                        each for each in await tx.advice.pieces(one.id) if each.state is not AdviceState.WITHDRAWN
                    ]
                    at = one.stands or (MessageRef("D1", str(one.id)) if pieces else None)
                    if at and not one.stands:
                        out.append((self.time(), [each.text for each in pieces]))
                    if at:
                        await tx.advice.delivered(one.id, self.time())
                    await tx.outbox.sent(one, "me", at)
        return out

    async def kept(self, one: Advice) -> Advice:
        async with self.database.snapshot() as tx:
            found = await tx.advice.get(one.id)
        assert found
        return found

    async def rows(self, kind: NoticeKind) -> list[Any]:
        async with self.database.snapshot() as tx:
            query = sa.select(outbox).where(outbox.c.kind == kind.value).order_by(outbox.c.id)
            return list(await tx.session.run(query))


@pytest.fixture
def time(database_url: str) -> Iterator[VirtualTime]:
    time = VirtualTime(database_url)
    yield time
    time.close()


@pytest.fixture
async def desk(time: VirtualTime) -> AsyncIterator[Desk]:
    database = time.database()
    people = [await an_agent(database, name, role) for name, role in TEAM]
    async with database.transaction() as tx:
        call = await tx.phone.keep(PhoneCall(agent=people[0]).hearing(Began(MORNING, Voice.HAND)))
    hana, emma, boss = people
    yield Desk(time, database, hana, emma, boss, call)
    await database.close()


class NaiveAdvice(AdviceTable):
    """The negative control: what is told last counts, also when it is told again, and takes the place of all else."""

    async def tell(self, advice_id: int, told: Receipt) -> None:
        its = receipt.c.advice_id == advice_id
        await self._session.run(sa.delete(receipt).where(its))
        await told_of(self._session, [advice_id], told.token, told.at)


class NaiveUnit(Unit):
    """A unit of work with the negative control in it."""

    @cached_property
    def advice(self) -> AdviceTable:
        return NaiveAdvice(self.session)


class NaiveStore(Database):
    """A store with the negative control in it."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Unit]:
        async with self._connected(self._writer) as connection, connection.begin():
            yield NaiveUnit(connection, self._clock)


TEAM = (("Hana", Role.AGENT), ("Emma", Role.SUPERVISOR), ("Boss", Role.SUPERVISOR))


# --- receipts -----------------------------------------------------------------------------------------------


TOLD = (Token.DELIVERED, Token.SEEN, Token.NOT_NOW, Token.USED, Token.HELPED)


async def told_in_any_order(desk: Desk, seed: int) -> None:
    """The same things told in another order, some of them twice, the second time later: the same comes of it."""
    random = Random(seed)
    facts = [(token, MORNING + n * SECOND) for n, token in enumerate(random.sample(TOLD, random.randint(1, 5)))]
    again = [(token, at + timedelta(minutes=3)) for token, at in facts]
    plain, shuffled = await desk.says("one"), await desk.says("two")
    for token, at in facts:
        await desk.tells(plain, token, at)
    mixed = [*facts, *again]
    random.shuffle(mixed)
    for token, at in mixed:
        await desk.tells(shuffled, token, at)
    one, two = await desk.kept(plain), await desk.kept(shuffled)
    assert one.receipts == two.receipts
    assert one.receipts == {Receipt(token, at) for token, at in facts}
    assert one.state == two.state


@pytest.mark.parametrize("seed", range(6))
async def test_receipts_in_any_order_and_twice_come_to_the_same(desk: Desk, seed: int) -> None:
    await told_in_any_order(desk, seed)


async def test_a_store_in_which_the_last_word_counts_fails(desk: Desk) -> None:
    """The negative control of the test above."""
    naive = replace(desk, database=NaiveStore(desk.time.url, desk.time))
    failed = 0
    for seed in range(6):
        try:
            await told_in_any_order(naive, seed)
        except AssertionError:
            failed += 1
    await naive.database.close()
    assert failed


async def test_what_is_told_again_draws_nothing_anew(desk: Desk) -> None:
    one = await desk.says()
    await desk.sends()
    await desk.tells(one, Token.SEEN)
    before = [row.revision for row in await desk.rows(NoticeKind.RECEIPTS)]
    await desk.tells(one, Token.SEEN, desk.time() + SECOND)
    assert [row.revision for row in await desk.rows(NoticeKind.RECEIPTS)] == before
    await desk.tells(one, Token.USED)
    assert [row.revision for row in await desk.rows(NoticeKind.RECEIPTS)] != before


# --- the pace -----------------------------------------------------------------------------------------------


def paced(sent: list[tuple[datetime, list[str]]]) -> bool:
    apart = all(later - earlier >= EVERY for (earlier, _), (later, _) in pairwise(sent))
    return apart and all(len(words) <= MOST_PIECES for _, words in sent)


async def test_the_first_goes_at_once_and_what_comes_soon_after_goes_together(desk: Desk) -> None:
    await desk.says("1")
    assert await desk.sends() == [(MORNING, ["1"])]
    for text in ("2", "3"):
        desk.time.forward(SECOND)
        await desk.says(text)
    assert await desk.sends(7 * SECOND) == []
    assert await desk.sends(SECOND) == [(MORNING + EVERY, ["2", "3"])]
    desk.time.forward(EVERY)
    await desk.says("4")
    assert [words for _, words in await desk.sends()] == [["4"]]


async def test_a_message_holds_three_and_people_go_before_rules(desk: Desk) -> None:
    await desk.says("1")
    await desk.sends()
    desk.time.forward(SECOND)
    rules = [await _a_rule(desk, name) for name in ("a", "b")]
    async with desk.database.transaction() as tx:
        for text, rule in (("rule a", rules[0]), ("rule b", rules[1]), ("2", None), ("3", None)):
            sender = None if rule else desk.emma
            one = Advice(to=desk.hana, text=text, at=desk.time(), sender=sender, rule=rule, call=desk.call.id)
            await tx.advice.give(one, None)
        await tx.advice.bind(desk.hana.id, EVERY, None)
    assert [words for _, words in await desk.sends(30 * SECOND)] == [["2", "3", "rule a"], ["rule b"]]


async def _a_rule(desk: Desk, name: str) -> int:
    async with desk.database.transaction() as tx:
        rule = PreparedAdvice(id=0, name=name, text="-", caution=True)
        return (await tx.prepared.keep(rule, 0, desk.emma, MORNING)).id


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_comes_when_it_keeps_its_pace_and_nothing_is_lost(desk: Desk, seed: int) -> None:
    random = Random(seed)
    said, sent = 0, []
    for _ in range(12):
        for _ in range(random.choice((0, 1, 1, 2, 5))):
            await desk.says(str(said), random.choice((desk.emma, desk.boss)))
            said += 1
        sent += await desk.sends(random.choice((0, 1, 3, 11)) * SECOND)
    sent += await desk.sends(said * 4 * SECOND)
    assert paced(sent)
    assert sorted(int(word) for _, words in sent for word in words) == list(range(said))


async def test_after_an_outage_too(desk: Desk) -> None:
    """Several messages that are due by then go out one after the other, and not all at once."""
    for n in range(8):
        await desk.says(str(n))
        desk.time.forward(4 * SECOND)
    desk.time.forward(timedelta(minutes=5))
    sent = await desk.sends(timedelta(minutes=1))
    assert paced(sent)
    assert [word for _, words in sent for word in words] == [str(n) for n in range(8)]


async def test_one_in_trouble_holds_up_no_other(desk: Desk) -> None:
    await desk.says("1")
    async with desk.database.transaction() as tx:
        (taken,) = await tx.outbox.take(AT_HANA, "me", LEASE, 1, urgent=True)
        await tx.outbox.later(taken, "me", timedelta(minutes=5), "busy")
    await desk.says("2")
    sent = await desk.sends(timedelta(minutes=6))
    assert [words for _, words in sent] == [["2"], ["1"]]
    assert paced(sent)


async def test_a_clock_that_was_put_back_holds_nothing_up(desk: Desk) -> None:
    desk.time.forward(timedelta(days=1))
    await desk.says("1")
    await desk.sends()
    desk.time.set(MORNING)
    await desk.says("2")
    assert [words for _, words in await desk.sends(EVERY)] == [["2"]]


async def test_whoever_wants_quiet_gets_it_and_what_waits_moves(desk: Desk) -> None:
    until = MORNING + timedelta(minutes=5)
    await desk.says("1", quiet=until)
    assert await desk.sends(4 * timedelta(minutes=1)) == []
    async with desk.database.transaction() as tx:
        await tx.advice.bind(desk.hana.id, EVERY, until + timedelta(minutes=5))
    assert await desk.sends(timedelta(minutes=2)) == []
    async with desk.database.transaction() as tx:
        await tx.advice.bind(desk.hana.id, EVERY, None)
    assert [words for _, words in await desk.sends()] == [["1"]]


async def test_two_supervisors_at_once(desk: Desk) -> None:
    """Two processes: on PostgreSQL they race for the agent's messages."""
    other = Database(desk.time.url, desk.time)
    theirs = replace(desk, database=other)
    try:
        await asyncio.gather(
            *(where.says(f"{where is theirs}-{n}", by) for n in range(7) for where, by in _both(desk, theirs))
        )
    finally:
        await other.close()
    sent = await desk.sends(timedelta(minutes=2))
    assert paced(sent)
    words = [word for _, words in sent for word in words]
    assert sorted(words) == sorted(f"{who}-{n}" for who in (True, False) for n in range(7))
    assert len(sent) <= -(-14 // MOST_PIECES) + 1


def _both(desk: Desk, theirs: Desk) -> list[tuple[Desk, Agent]]:
    return [(desk, desk.emma), (theirs, desk.boss)]


async def test_a_note_goes_at_once_in_a_message_of_its_own(desk: Desk) -> None:
    await desk.says("1")
    await desk.says("note 1", call=None)
    await desk.says("note 2", call=None)
    at_once = await desk.sends()
    at_once += await desk.sends()
    at_once += await desk.sends()
    assert sorted(words for _, words in at_once) == [["1"], ["note 1"], ["note 2"]]


async def test_a_note_waits_for_the_end_of_quiet_hours(desk: Desk) -> None:
    async with desk.database.transaction() as tx:
        await tx.advice.give(Advice(to=desk.hana, text="note", at=MORNING, sender=desk.emma), None)
        await tx.advice.give(Advice(to=desk.hana, text="advice", at=MORNING, call=desk.call.id), None)
        await tx.advice.bind(desk.hana.id, EVERY, None, MORNING + timedelta(hours=1))
    assert [words for _, words in await desk.sends()] == [["advice"]]
    desk.time.forward(timedelta(hours=1))
    assert [words for _, words in await desk.sends()] == [["note"]]


async def test_what_nobody_can_be_told_waits_for_a_door(desk: Desk) -> None:
    async with desk.database.transaction() as tx:
        await tx.session.run(sa.update(agent).where(agent.c.id == desk.hana.id).values(role=None))
    one = await desk.says()
    assert await desk.rows(NoticeKind.ADVICE) == []
    assert (await desk.kept(one)).state is AdviceState.QUEUED


# --- the end of the call ------------------------------------------------------------------------------------


async def test_the_end_withdraws_what_was_not_delivered(desk: Desk) -> None:
    first = await desk.says("1")
    await desk.sends()
    second = await desk.says("2")
    note = await desk.says("note", call=None)
    desk.time.forward(SECOND)
    assert [one.id for one in await desk.ends()] == [second.id]
    states = [(await desk.kept(one)).state for one in (first, second, note)]
    assert states == [AdviceState.DELIVERED, AdviceState.WITHDRAWN, AdviceState.QUEUED]
    assert [words for _, words in await desk.sends(timedelta(minutes=1))] == [["note"]]
    assert {row.state for row in await desk.rows(NoticeKind.ADVICE)} == {"done"}, "nothing waits for its moment"


async def test_what_stands_and_its_receipts_are_drawn_anew_as_the_call_ends(desk: Desk) -> None:
    await desk.says("1")
    await desk.sends()
    shown = (NoticeKind.ADVICE, NoticeKind.RECEIPTS)
    before = {row.id: row.revision for kind in shown for row in await desk.rows(kind)}
    assert await desk.ends() == []
    after = {row.id: row.revision for kind in shown for row in await desk.rows(kind)}
    assert len(before) == 2
    assert all(after[id_] > before[id_] for id_ in before), "help cannot be asked for any more, nor more be said"


async def test_what_is_being_sent_as_the_call_ends_is_drawn_anew_as_withdrawn(desk: Desk) -> None:
    one = await desk.says()
    async with desk.database.transaction() as tx:
        (sending,) = await tx.outbox.take(AT_HANA, "me", LEASE, 1)
    await desk.ends()
    async with desk.database.transaction() as tx:
        await tx.advice.delivered(sending.id, desk.time() - SECOND)  # by a clock that is late
        await tx.outbox.sent(sending, "me", MessageRef("D1", "1"))
    assert (await desk.kept(one)).state is AdviceState.WITHDRAWN
    async with desk.database.transaction() as tx:
        (again,) = await tx.outbox.take(AT_HANA, "me", LEASE, 1)
    assert again.stands == MessageRef("D1", "1")


async def test_nothing_is_said_in_a_call_that_is_over(desk: Desk) -> None:
    await desk.ends()
    one = await desk.says()
    assert (await desk.kept(one)).state is AdviceState.WITHDRAWN
    assert await desk.sends(timedelta(minutes=1)) == []


async def test_one_piece_is_withdrawn_and_the_others_go(desk: Desk) -> None:
    await desk.says("1")
    await desk.sends()
    two, _ = await desk.says("2"), await desk.says("3")
    await desk.tells(two, Token.WITHDRAWN)
    assert [words for _, words in await desk.sends(EVERY)] == [["3"]]


# --- what is read -------------------------------------------------------------------------------------------


async def test_receipts_are_one_message_a_call_and_sender_and_one_a_note(desk: Desk) -> None:
    for by in (desk.emma, desk.emma, desk.boss):
        await desk.says(by=by)
    note = await desk.says(by=desk.boss, call=None)
    rows = await desk.rows(NoticeKind.RECEIPTS)
    call = desk.call.id
    assert [row.key for row in rows] == [
        f"receipts{call}.{desk.emma.id}:workspace:@emma",
        f"receipts{call}.{desk.boss.id}:workspace:@boss",
        f"receipts.note{note.id}:workspace:@boss",
    ]


async def test_a_second_supervisor_is_told_and_sees_that_it_was_read(desk: Desk) -> None:
    one = await desk.says()
    async with desk.database.transaction() as tx:
        await tx.advice.second(one.id, desk.boss.id, desk.time())
    assert (await desk.kept(one)).second == desk.boss
    (row,) = await desk.rows(NoticeKind.UNREAD)
    assert (row.key, row.version) == (f"unread{one.id}:workspace:@boss", one.id)
    await desk.tells(one, Token.SEEN)
    assert (await desk.rows(NoticeKind.UNREAD))[0].revision == row.revision + 1


async def test_ways_tell_until_when_a_piece_waits_and_whether_it_is_refused(desk: Desk) -> None:
    one, two = await desk.says("1"), await desk.says("2", quiet=MORNING + timedelta(hours=1))
    async with desk.database.snapshot() as tx:
        ways = await tx.advice.ways([one.id, two.id])
    assert [ways[each.id].wait for each in (one, two)] == [timedelta(hours=1)] * 2
    desk.time.forward(timedelta(hours=1))
    async with desk.database.transaction() as tx:
        (sending,) = await tx.outbox.take(AT_HANA, "me", LEASE, 1)
        await tx.advice.undelivered(sending.id)
        await tx.outbox.refuse(sending, "me", "closed")
        ways = await tx.advice.ways([one.id])
    assert ways[one.id].is_refused
    assert ways[one.id].wait == timedelta()


async def test_what_is_read_of_calls_and_rules(desk: Desk) -> None:
    rule = await _a_rule(desk, "recall")
    one, two = await desk.says("1"), await desk.says("2", rule=rule)
    await desk.sends()
    await desk.tells(two, Token.HELPED)
    async with desk.database.snapshot() as tx:
        assert [each.id for each in await tx.advice.of_call(desk.call.id)] == [one.id, two.id]
        by_call = await tx.advice.of_calls([desk.call.id, 99])
        assert {call: [each.text for each in found] for call, found in by_call.items()} == {
            desk.call.id: ["1", "2"],
            99: [],
        }
        assert await tx.advice.counts([rule, 99]) == {rule: Counts(1, 1, 1), 99: Counts()}
        assert await tx.advice.said([desk.call.id]) == {desk.call.id: {rule: MORNING}}
        assert await tx.advice.number_of(one.id) is None
        assert await tx.advice.get(999) is None


async def test_until_when_somebody_wants_no_advice(desk: Desk) -> None:
    async with desk.database.transaction() as tx:
        assert await tx.advice.undisturbed_until(desk.hana.id) is None
        await tx.advice.leave_alone(desk.hana.id, MORNING + SECOND)
        assert await tx.advice.undisturbed_until(desk.hana.id) == MORNING + SECOND
        await tx.advice.leave_alone(desk.hana.id, None)
        assert await tx.advice.undisturbed_until(desk.hana.id) is None
