"""Nudges: time passed. What is due of inquiries is worked out, done or said, each once, by however many processes."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.addressing import Addressing
from bot.domain.care import resume
from bot.domain.errors import Conflict
from bot.domain.events import Act
from bot.domain.hours import BusinessHours
from bot.domain.inquiry import Change, Status
from bot.domain.levels import Level, Levels
from bot.domain.nudge import Nudge, NudgeKind, NudgeOutcome, Rung
from bot.domain.nudging import EFFECTS, Plan, plan, rungs, severity
from bot.ports import Meter, Store, StoreDown, Transaction
from bot.ports.nudges import Case, Noted, Telling, Timing
from bot.service_levels import levels_of

EVERY = 2.0
"""Seconds between looks at what is due."""
PACE = timedelta(seconds=10)
"""Between two messages of nudges in one place."""
BATCH = 100
"""Inquiries that are dealt with in one transaction."""
MARKED = 1000
"""Inquiries that are marked in one tick to follow new service levels: 30,000 a minute."""
MOST_PASSED = 1000
"""Inquiries that were changed and are to be worked out anew before more are looked at."""
SOURCE = "schedule"
AWAY, UNTOUCHED = "away", "untouched"
"""Why an inquiry goes back to the team, and the name of the nudge that tells that its holder is away."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Batch:
    """What one transaction does: nudges dealt with, and what was worked out of inquiries."""

    now: datetime
    noted: list[Noted] = field(default_factory=list)
    timings: list[Timing] = field(default_factory=list)
    handled: int = 0


@dataclass(frozen=True, slots=True)
class _Matter:
    """An inquiry with what is promised of it, and what is to be said."""

    case: Case
    level: Level | None
    hours: BusinessHours | None
    plan: Plan

    def planned(self, told: Iterable[Nudge], now: datetime) -> Plan:
        """What is still to be said once these are dealt with."""
        done = {**self.case.told, **{one.key: now for one in told}}
        return plan(self.case.inquiry, self.case.events, self.level, self.hours, done)


class Nudges:
    """Does what is due and puts on its way what is to be said of it, by the database's time.

    Nothing is kept in memory: whatever was not committed is due still, and what was noted is never due again.
    """

    def __init__(self, store: Store, meter: Meter, pace: timedelta = PACE) -> None:
        self._store = store
        self._meter = meter
        self._pace = pace

    async def tick(self) -> int:
        """Deal with everything that is due now; says how many nudges were told. The store may be down."""
        try:
            await self._mark()
            told = 0
            while (round_ := await self._round()) is not None:
                told += round_
            told += await self._follow_ups()
            await self._bind()
        except (StoreDown, Conflict) as error:  # a deadlock, say, in which one of two processes gives way
            log.warning("nudges wait for the next tick", extra={"why": str(error)})
            return 0
        return told

    async def _mark(self) -> None:
        """Some more open inquiries follow the newest service levels: with all at once, what is due would wait."""
        async with self._store.transaction() as tx:
            await tx.levels.apply(MARKED)

    async def _round(self) -> int | None:
        """All that changed, then all that is due: each inquiry once; how many were told. None: there was nothing."""
        told = handled = after = 0
        passed: list[int] = []
        is_untimed = True
        while True:
            try:
                async with self._store.transaction() as tx:
                    now = await tx.nudges.now()
                    numbers = await tx.nudges.untimed(BATCH, after) if is_untimed else []
                    is_untimed = bool(numbers)
                    redraw = numbers
                    numbers = numbers or await tx.nudges.due(now, BATCH, passed)
                    batch = await self._dealt_with(tx, numbers, redraw, now)
            except Conflict as error:  # of two processes that wait for each other one gives way, till the next tick
                log.info("nudges of some inquiries wait for the next tick", extra={"why": str(error)})
                return told or None
            handled += batch.handled
            told += self._metered(batch)
            if is_untimed:
                after = numbers[-1]
            else:
                passed += set(numbers) - {one.number for one in batch.timings}
            if not numbers or len(passed) > MOST_PASSED:
                return told if handled else None

    async def _dealt_with(self, tx: Transaction, numbers: list[int], redraw: list[int], now: datetime) -> _Batch:
        batch = _Batch(now)
        if not numbers:
            return batch
        cases = await tx.nudges.cases(numbers)
        levels = await levels_of(tx)
        matters = [_matter(case, levels) for case in cases]
        is_any = any(one.plan.ready(now) for one in matters)
        team = await Addressing.of(tx, now) if is_any else None
        for matter in matters:
            if team is None or not matter.plan.ready(now):
                batch.timings.append(_timing(matter, matter.plan, now))
            else:
                await _deal(tx, matter, team, batch)
        batch.handled = len(batch.timings) + sum(one.outcome is NudgeOutcome.DONE for one in batch.noted)
        batch.noted = await tx.nudges.settle(batch.noted, batch.timings, now, redraw)
        return batch

    async def _follow_ups(self) -> int:
        """Remind people of what they wanted to be reminded of."""
        told = 0
        while True:
            async with self._store.transaction() as tx:
                now = await tx.nudges.now()
                due = await tx.follow_ups.take_due(now, BATCH)
                if not due:
                    return told
                team = await Addressing.of(tx, now)
                inquiries = await tx.inquiries.all_of({one.number for one in due})
                batch = _Batch(now)
                for one in due:
                    key = f"{NudgeKind.FOLLOW_UP}:{one.id}"
                    nudge = Nudge(kind=NudgeKind.FOLLOW_UP, key=key, at=one.at, ready_at=one.at)
                    tellings = team.of_agent(one.agent, inquiries[one.number])
                    batch.noted.append(Noted(one.number, nudge, NudgeOutcome.TOLD, tellings, one.note))
                batch.noted = await tx.nudges.settle(batch.noted, [], now)
            told += self._metered(batch)

    async def _bind(self) -> None:
        """Put what is to be told into messages: one a place, and not one after another."""
        async with self._store.snapshot() as tx:
            places = await tx.nudges.unbound(await tx.nudges.now())
        for place in places:
            try:
                async with self._store.transaction() as tx:
                    await tx.nudges.bind(place, await tx.nudges.now(), self._pace)
            except Conflict:
                continue

    def _metered(self, batch: _Batch) -> int:
        """Count what is committed; how many were told."""
        for one in batch.noted:
            if one.outcome is not NudgeOutcome.OVER:
                lag = (batch.now - one.nudge.ready_at).total_seconds()
                kind = one.nudge.kind.value
                self._meter.observe("madoguchi_nudge_lag_seconds", max(lag, 0.0), kind=kind)
                for rung in {to.rung.value for to in one.tellings} or {"nobody"}:
                    self._meter.count("madoguchi_nudges_total", rung=rung, kind=kind)
        return sum(one.outcome is NudgeOutcome.TOLD for one in batch.noted)


def _matter(case: Case, levels: Levels) -> _Matter:
    level = levels.of(case.facts)
    hours = levels.hours(level) if level else None
    try:
        return _Matter(case, level, hours, plan(case.inquiry, case.events, level, hours, case.told))
    except (ValueError, LookupError, OverflowError):  # or one inquiry would keep all others from being told of
        log.exception("nobody can tell when an inquiry is due", extra={"inquiry": case.inquiry.number})
        return _Matter(case, None, None, plan(case.inquiry, case.events, None, None, case.told))


def _timing(matter: _Matter, now_planned: Plan, now: datetime) -> Timing:
    inquiry, due = matter.case.inquiry, now_planned.due
    return Timing(
        number=inquiry.number,
        seen=inquiry.version,
        policy=matter.level.name if matter.level and not inquiry.is_resolved else "",
        due_at=due[0] if due else None,
        due_target=due[1].value if due else "",
        next_at=now_planned.next_at(now),
    )


async def _deal(tx: Transaction, matter: _Matter, team: Addressing, batch: _Batch) -> None:
    """Do what is due of an inquiry, or say it. After a change it is worked out anew, in the next round."""
    inquiry, ready, now = matter.case.inquiry, matter.plan.ready(batch.now), batch.now
    act = Act(now, SOURCE)
    effect = next((one for one in ready if one.kind in EFFECTS), None)
    if effect:
        change = resume(inquiry, act) if effect.kind is NudgeKind.RESUME else inquiry.release(act, reason=UNTOUCHED)
        await _change(tx, change, effect, matter, team, batch)
    elif inquiry.status is Status.OPEN and team.is_away(inquiry.holder) and Rung.HOLDER in _told(matter, ready):
        key = f"{AWAY}:{inquiry.version}"
        gone = Nudge(kind=NudgeKind.HAND_BACK, key=key, at=now, ready_at=now, name=AWAY)
        await _change(tx, inquiry.release(act, reason=AWAY), gone, matter, team, batch)
    else:
        batch.noted.extend(_said(matter, ready, team))
        batch.timings.append(_timing(matter, matter.planned(ready, now), now))


async def _change(
    tx: Transaction, change: Change, nudge: Nudge, matter: _Matter, team: Addressing, batch: _Batch
) -> None:
    try:
        await tx.inquiries.save(change)
    except Conflict:  # somebody did something with it at this moment: it is looked at anew
        return
    tellings = team.tellings(change.after, rungs(nudge, change.after, matter.level), matter.level)
    batch.noted.append(Noted(change.after.number, nudge, NudgeOutcome.DONE, tellings))


def _said(matter: _Matter, ready: Sequence[Nudge], team: Addressing) -> list[Noted]:
    """Of what is ready at once the most severe is told, to all who were to be told of any; the others are over."""
    number, gravest = matter.case.inquiry.number, max(ready, key=severity)
    tellings: tuple[Telling, ...] = team.tellings(matter.case.inquiry, _told(matter, ready), matter.level)
    over = [Noted(number, one, NudgeOutcome.OVER) for one in ready if one is not gravest]
    return [*over, Noted(number, gravest, NudgeOutcome.TOLD, tellings)]


def _told(matter: _Matter, ready: Iterable[Nudge]) -> list[Rung]:
    return list(dict.fromkeys(rung for one in ready for rung in rungs(one, matter.case.inquiry, matter.level)))
