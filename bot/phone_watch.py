"""The phone watch: time passed while people talk. Forgotten calls, unread advice, unanswered help, boards."""

import logging
from asyncio import gather
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot import advisers, phone_desk, prepared_advice
from bot.domain.advice import Advice
from bot.domain.advising import second, unread_at
from bot.domain.agent import Agent
from bot.domain.errors import Conflict
from bot.domain.events import Act
from bot.domain.help_request import HelpRequest
from bot.domain.phone import PhoneCall
from bot.domain.phoning import Check, Patience, check, forgotten
from bot.ports import Meter, Place, Store, StoreDown, Transaction
from bot.ports.phone import LiveCall

EVERY = 2.0
"""Seconds between looks at those who are on a call."""
PATIENCE = Patience(timedelta(minutes=30), timedelta(minutes=10))
UNREAD = EXPERTS = timedelta(seconds=60)
MINUTE = timedelta(minutes=1)
"""Boards tell by the minute how long people talk."""
SOURCE = "schedule"

Matter = Callable[[Transaction, datetime], Awaitable[bool]]
"""Something that seems to be due: done in a transaction of its own, unless it is not due any more; says whether."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look found: that it is so late, since when the longest call lasts, and what seems to be due."""

    now: datetime
    since: datetime
    matters: tuple[tuple[str, Matter], ...] = ()


class PhoneWatch:
    """Does what is due of calls that go on, by the database's time, each thing once, by however many processes.

    Only when the boards were drawn is kept in memory: whatever was not committed is due still.
    """

    def __init__(
        self,
        store: Store,
        meter: Meter,
        patience: Patience = PATIENCE,
        unread: timedelta = UNREAD,
        experts: timedelta = EXPERTS,
    ) -> None:
        self._store = store
        self._meter = meter
        self._patience = patience
        self._unread = unread
        self._experts = experts
        self._boards_at: datetime | None = None

    async def tick(self) -> int:
        """Deal with everything that is due now; says how many things were done. The store may be down.

        What fails by an error of ours keeps nothing else waiting, and is raised in the end.
        """
        try:
            look = await self._look()
            if look is None:
                return 0
            works = [self._alone(name, matter) for name, matter in look.matters]
            ended = [await gather(one, return_exceptions=True) for one in (*works, self._draw_boards(look))]
            done = [each for one in ended for each in one]
            if failed := next((one for one in done if isinstance(one, BaseException)), None):
                raise failed
        except StoreDown as error:
            log.warning("calls wait for the next tick", extra={"why": str(error)})
            return 0
        return sum(one for one in done if isinstance(one, int))

    async def _look(self) -> _Look | None:
        """What seems to be due, by reading alone. None: nobody is on a call."""
        async with self._store.snapshot() as tx:
            live = await tx.phone.live()
            if not live:
                self._boards_at = None
                return None
            now = await tx.nudges.now()
            since = min((one.call.started_at for one in live if one.call.started_at), default=now)
            matters = [
                *self._forgotten(live, now),
                *await self._unread_advice(tx, live, now),
                *await self._unanswered(tx, live, now),
            ]
            if await prepared_advice.is_due(tx, now):
                matters.append(("prepared", _say_prepared))
        return _Look(now, since, tuple(matters))

    async def _alone(self, name: str, matter: Matter) -> int:
        """One matter in a transaction of its own; of two processes that wait for each other one gives way."""
        try:
            async with self._store.transaction() as tx:
                is_done = await matter(tx, await tx.nudges.now())
        except Conflict as error:
            log.info("something about calls waits for the next tick", extra={"what": name, "why": str(error)})
            return 0
        if is_done:
            self._meter.count("madoguchi_phone_watch_total", what=name)
        return int(is_done)

    def _forgotten(self, live: list[LiveCall], now: datetime) -> list[tuple[str, Matter]]:
        due = [(one.call, check(one.call, self._patience, one.asked_at)) for one in live]
        return [(what[1].value, partial(self._check, call)) for call, what in due if what and what[0] <= now]

    async def _check(self, seen: PhoneCall, tx: Transaction, now: datetime) -> bool:
        """Ask an agent whether they still talk, or end what nobody has ended."""
        await tx.phone.lock(seen.agent.id)
        found = await _live(tx, seen.id)
        due = check(found.call, self._patience, found.asked_at) if found else None
        if found is None or due is None or due[0] > now:
            return False
        if due[1] is Check.ASK:
            await tx.phone.asked(found.call.id, now)
            await tx.phone.say_check(found.call, now)
        else:
            await phone_desk.end(tx, found.call, forgotten(found.call), Act(now, SOURCE))
        return True

    async def _unread_advice(self, tx: Transaction, live: list[LiveCall], now: datetime) -> list[tuple[str, Matter]]:
        said = await tx.advice.of_calls([one.call.id for one in live])
        due = [one for pieces in said.values() for one in pieces if _is_unread(one, self._unread, now)]
        if not due:
            return []
        second_of = await _seconds(tx, now)
        return [("unread", partial(self._tell_second, one)) for one in due if second_of(one)]

    async def _tell_second(self, seen: Advice, tx: Transaction, now: datetime) -> bool:
        """Another supervisor hears that a piece of advice stays unread, unless it was seen meanwhile."""
        await tx.phone.lock(seen.to.id)
        advice = await tx.advice.get(seen.id)
        if advice is None or advice.call is None or not _is_unread(advice, self._unread, now):
            return False
        agent = (await _seconds(tx, now))(advice)
        if agent is None or await _live(tx, advice.call) is None:
            return False
        await tx.advice.second(advice.id, agent.id, now)
        return True

    async def _unanswered(self, tx: Transaction, live: list[LiveCall], now: datetime) -> list[tuple[str, Matter]]:
        calls = {one.call.id: one.call for one in live}
        due = [
            one
            for one in await tx.help_requests.open()
            if (at := one.wanted_at(self._experts)) and at <= now and one.call in calls
        ]
        found = [(one, await _experts(tx, one, calls[one.call])) for one in due]
        return [("experts", partial(_ask_experts, one, self._experts)) for one, told in found if told]

    async def _draw_boards(self, look: _Look) -> int:
        """Once a minute, as the longest call grows by one; the beginning of a call draws them by itself."""
        at = self._boards_at or look.since + MINUTE
        if look.now < at or not await self._alone("boards", _say_boards):
            return 0
        earliest = max(at, look.now - MINUTE) + MINUTE
        self._boards_at = look.since + -((look.since - earliest) // MINUTE) * MINUTE
        return 0


async def _say_boards(tx: Transaction, _now: datetime) -> bool:
    await tx.phone.say_boards()
    return True


async def _say_prepared(tx: Transaction, now: datetime) -> bool:
    return bool(await prepared_advice.due_now(tx, now))


async def _ask_experts(seen: HelpRequest, after: timedelta, tx: Transaction, now: datetime) -> bool:
    """Those who know the topic are asked too, unless somebody has answered meanwhile, or the call is over."""
    await tx.phone.lock(seen.asker.id)
    request, live = await tx.help_requests.get(seen.id), await _live(tx, seen.call)
    at = request.wanted_at(after) if request else None
    if request is None or live is None or at is None or at > now:
        return False
    if not (told := await _experts(tx, request, live.call)):
        return False
    await tx.help_requests.save(request, request.to_experts(now), told)
    return True


async def _experts(tx: Transaction, request: HelpRequest, call: PhoneCall) -> list[Place]:
    inquiry = await tx.inquiries.get(call.inquiry) if call.inquiry else None
    return [one.at for one in await advisers.experts(tx, request, inquiry)]


async def _live(tx: Transaction, call: int) -> LiveCall | None:
    return next((one for one in await tx.phone.live() if one.call.id == call), None)


async def _seconds(tx: Transaction, now: datetime) -> Callable[[Advice], Agent | None]:
    """Who is told that a piece stays unread, of the team as it is at this moment."""
    team = await tx.agents.all()
    away = set(await tx.absences.away([one.id for one in team], now))
    return lambda advice: second(team, advice, away)


def _is_unread(advice: Advice, after: timedelta, now: datetime) -> bool:
    at = unread_at(advice, after)
    return at is not None and at <= now
