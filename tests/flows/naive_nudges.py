"""Wrong ways to remind, which the simulations must find out."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.domain.nudge import Nudge, Rung
from bot.domain.nudging import plan
from bot.service_levels import levels_of
from storage.database import Database
from storage.tables import nudge, telling
from storage.unit import Unit


class TimersInMemory:
    """Sets a timer for each step that lies ahead when an inquiry changes; what is past is taken to be said."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[int, int] = {}
        self._timers: dict[tuple[int, str], Nudge] = {}

    async def tick(self) -> int:
        async with self._database.transaction() as tx:
            now, levels = await tx.nudges.now(), await levels_of(tx)
            inquiries, _ = await tx.inquiries.waiting(None, 0, 1000)
            changed = [one.number for one in inquiries if self._seen.get(one.number) != one.version]
            for case in await tx.nudges.cases(changed):
                number, level = case.inquiry.number, levels.of(case.facts)
                hours = levels.hours(level) if level else None
                self._timers = {of: one for of, one in self._timers.items() if of[0] != number}
                for one in plan(case.inquiry, case.events, level, hours, {}).nudges:
                    if one.ready_at >= now:
                        self._timers[number, one.key] = one
                self._seen[number] = case.inquiry.version
            ringing = {of: one for of, one in self._timers.items() if one.ready_at <= now}
            await said(tx, ringing, now)
        self._timers = {of: one for of, one in self._timers.items() if of not in ringing}
        return len(ringing)


class OwnClock:
    """Says what is due by the clock of its own machine, which may be wrong."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def tick(self) -> int:
        async with self._database.transaction() as tx:
            now, levels = self._clock(), await levels_of(tx)
            inquiries, _ = await tx.inquiries.waiting(None, 0, 1000)
            due: dict[tuple[int, str], Nudge] = {}
            for case in await tx.nudges.cases([one.number for one in inquiries]):
                level = levels.of(case.facts)
                hours = levels.hours(level) if level else None
                ready = plan(case.inquiry, case.events, level, hours, case.told).ready(now)
                due |= {(case.inquiry.number, one.key): one for one in ready}
            await said(tx, due, await tx.nudges.now())
        return len(due)


async def said(tx: Unit, nudges: Mapping[tuple[int, str], Nudge], now: datetime) -> None:
    """Note that these were said, by a message that is through."""
    for (number, key), one in nudges.items():
        note = {"number": number, "key": key, "kind": one.kind, "at": one.at, "noted_at": now, "outcome": "told"}
        at = {"number": number, "key": key, "platform": "workspace", "channel": "office", "rung": Rung.TEAM}
        at |= {"after": now, "outbox_id": 1}
        await tx.session.run(tx.session.upsert(nudge).values(note).on_conflict_do_nothing())
        await tx.session.run(tx.session.upsert(telling).values(at).on_conflict_do_nothing())
