"""Digests: twice a day each queue's channels are told how it stands, at the opening and at the closing of its team."""

from datetime import datetime

from bot.domain.digest import Digest, Figures, Slot, counted_since, end_of_day, slot_at
from bot.domain.levels import Calendar
from bot.ports import Queue, Store, Transaction
from bot.service_levels import levels_of

EVERY = 60.0
"""Seconds between looks at the clock: a digest comes within a minute of the opening or the closing."""

Wanted = tuple[Queue, Calendar, Slot]


class Digests:
    """Makes the digests whose time it is, by the database's time. That one was made stands in the database.

    Of those whose time passed while nobody was there to make them, none is made later.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def tick(self) -> int:
        """Make and say every digest whose time it is and that nobody has made yet; how many."""
        async with self._store.snapshot() as tx:
            wanted = await _not_made(tx, await _wanted(tx))
        return sum([await self._made(*one) for one in wanted])

    async def _made(self, queue: Queue, calendar: Calendar, slot: Slot) -> bool:
        async with self._store.transaction() as tx:
            now = await tx.nudges.now()
            before = await tx.digests.before(queue.name, slot.part, slot.day)
            figures = await figures_of(tx, queue.name, calendar.zone, now, before)
            return await tx.digests.keep(queue.name, slot, now, figures) is not None


async def figures_of(tx: Transaction, queue: str, zone: str, now: datetime, before: Digest | None) -> Figures:
    """How a queue stands now; its day ends by the clocks of `zone`, and what is new is so since the digest before."""
    return await tx.digests.figures(queue, now, end_of_day(now, zone), counted_since(before, now))


async def _wanted(tx: Transaction) -> list[Wanted]:
    """Every queue that shows somewhere and whose calendar says that it is morning or evening.

    A desk at which something was laid down for the first time begins with the next opening or closing.
    """
    levels, current = await levels_of(tx), await tx.levels.current()
    if current is None or not levels.digests:
        return []
    now, since = await tx.nudges.now(), current.at if current.version == 1 else None
    shown = [(queue, levels.calendar_of(queue.name)) for queue in await tx.queues.all() if queue.places]
    slots = [(queue, calendar, slot_at(calendar.hours, now, since)) for queue, calendar in shown if calendar]
    return [(queue, calendar, slot) for queue, calendar, slot in slots if slot]


async def _not_made(tx: Transaction, wanted: list[Wanted]) -> list[Wanted]:
    if not wanted:
        return []
    names = [queue.name for queue, _, _ in wanted]
    made = await tx.digests.told(names, min(slot.day for _, _, slot in wanted))
    return [one for one in wanted if (one[0].name, one[2].day, one[2].part) not in made]
