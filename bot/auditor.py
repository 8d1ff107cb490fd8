"""The auditor: looks behind the nudges, by a way of its own, whether what was due was said; tells people when not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import Conflict
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Levels
from bot.domain.nudge import NudgeKind, NudgeOutcome
from bot.domain.owing import owed
from bot.ports import Store, StoreDown, Transaction
from bot.ports.audits import Entry
from bot.service_levels import readable

EVERY = 300.0
GRACE = timedelta(minutes=10)
"""How late something may be before it is missing: the engine takes what is due every few seconds."""
PART = 500
"""Inquiries a transaction."""
PARTS = 4
"""Parts a run; the next run goes on behind them, and after the last inquiry it begins anew."""
NAMED = 20
"""Inquiries that the log names."""
LATELY = timedelta(days=1)
"""For how long it is missed that something was told to nobody: nobody can mend that, but for the next one."""
PATIENCE = 30.0
"""Seconds after which what seems to be missing is looked at once more: it may just have come up, and be said."""

FOLLOW_UP = f"{NudgeKind.FOLLOW_UP}:"
"""What the keys of follow-ups begin with."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that should have been said of an inquiry, or done, and was not; `what` is its key, or what is wrong."""

    number: int
    what: str


class Auditor:
    """Walks over the open inquiries, some a run, and remembers only how far it came, and what is missing still.

    `rest` waits for so many seconds.
    """

    def __init__(
        self, store: Store, part: int = PART, rest: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._store = store
        self._part = part
        self._rest = rest
        self._after = 0
        self._told = 0
        self.missing: tuple[Missing, ...] = ()

    async def audit(self) -> int:
        """Look at the next part, and again at what was missing; says how much is. Tells people when that changes.

        While the database is down there is nothing to be done.
        """
        try:
            found = await self._found()
            if found:
                await self._rest(PATIENCE)
                found &= await self._general() | await self._of(_numbers(found))
            self.missing = tuple(sorted(found, key=lambda one: (one.number, one.what)))
            await self._tell()
        except (StoreDown, Conflict) as error:
            log.warning("the nudges could not be audited; it is tried again", extra={"why": str(error)})
        return len(self.missing)

    async def _found(self) -> set[Missing]:
        found = await self._general() | await self._of(_numbers(self.missing))
        for _ in range(PARTS):
            async with self._store.snapshot() as tx:
                inquiries = await tx.audits.open_after(self._after, self._part)
                found |= set(await _missing(tx, inquiries))
            self._after = inquiries[-1].number if len(inquiries) == self._part else 0
            if not self._after:
                break
            await asyncio.sleep(0)
        return found

    async def _of(self, numbers: Sequence[int]) -> set[Missing]:
        """What is missing of these."""
        found: set[Missing] = set()
        for begin in range(0, len(numbers), self._part):
            async with self._store.snapshot() as tx:
                some = await tx.inquiries.all_of(numbers[begin : begin + self._part])
                found |= set(await _missing(tx, list(some.values())))
        return found

    async def _general(self) -> set[Missing]:
        """What is told by the whole: an engine that stands still, people who are not told."""
        async with self._store.snapshot() as tx:
            now = await tx.audits.now()
            before = now - GRACE
            standing = await tx.audits.standing()
            found = {Missing(number, "not told") for number in await tx.audits.unbound(before, self._part)}
            found |= {Missing(number, "follow-up") for number in await tx.audits.forgotten(before, self._part)}
            found |= {Missing(number, "not timed") for number in await tx.audits.untimed_since(before, self._part)}
            if await _readable(tx) is None:
                found.add(Missing(0, "the service levels cannot be read"))
        if standing.oldest and standing.oldest < before:
            found.add(Missing(0, "the engine stands still"))
        return found

    async def _tell(self) -> None:
        count = len(self.missing)
        if count:
            named = ", ".join(f"#{one.number} {one.what}" for one in self.missing[:NAMED])
            log.error("nudges that were due are missing", extra={"count": count, "which": named})
        if count == self._told:
            return
        async with self._store.transaction() as tx:
            await tx.audits.alarm(max((one.number for one in self.missing), default=0), count)
        self._told = count


async def _readable(tx: Transaction) -> Levels | None:
    """What was laid down last; None when nobody can read it any more."""
    kept = await tx.levels.current()
    return readable(kept.body) if kept else Levels()


async def _missing(tx: Transaction, inquiries: Sequence[Inquiry]) -> list[Missing]:
    numbers = [one.number for one in inquiries]
    if not numbers:
        return []
    before, laid_down = await tx.audits.now() - GRACE, await tx.levels.current()
    levels = await _readable(tx) or Levels()
    timelines, facts = await tx.audits.timelines(numbers), await tx.nudges.facts(numbers)
    ledger: dict[int, list[Entry]] = {number: [] for number in numbers}
    for entry in await tx.audits.noted(numbers):
        ledger[entry.number].append(entry)
    found: list[Missing] = []
    for one in inquiries:
        found += (Missing(one.number, what) for what in _unheard(ledger[one.number], before))
        if laid_down and laid_down.at > before:
            continue  # what other levels bring up is being worked out
        level = levels.of(facts[one.number])
        told = {entry.key: entry.noted_at for entry in ledger[one.number]}
        hours = levels.hours(level) if level else None
        try:
            due = owed(one, timelines.get(one.number, ()), level, hours, told, before)
        except (ValueError, LookupError, OverflowError) as error:  # of one inquiry: the others are looked at
            found.append(Missing(one.number, f"nobody can tell when it is due: {error}"))
            continue
        found += (Missing(one.number, each.key) for each in due if each.since <= before and each.key not in told)
    return found


def _unheard(ledger: Sequence[Entry], before: datetime) -> Iterator[str]:
    """What was noted as told, but goes to nobody, or by a message that is not there; or gave way to nothing.

    A follow-up is for one person, who may have left.
    """
    said = [one.noted_at for one in ledger if one.outcome is not NudgeOutcome.OVER]
    for one in ledger:
        if not before - LATELY < one.noted_at <= before:
            continue
        if one.outcome is NudgeOutcome.TOLD and not one.tellings and not one.key.startswith(FOLLOW_UP):
            yield f"{one.key} told to nobody"
        if one.lost:
            yield f"{one.key} lost"
        if one.outcome is NudgeOutcome.OVER and not any(one.noted_at <= at for at in said):
            yield f"{one.key} gave way to nothing"


def _numbers(found: Iterable[Missing]) -> list[int]:
    return sorted({one.number for one in found})
