"""Takes away what a platform holds twice: of messages under one key, the one that our rows know stays."""

import logging
from collections.abc import Sequence, Set
from datetime import timedelta

from bot.ports import Clock, Healable, MessageRef, SendError, Store

EVERY = 120.0
"""Seconds between two looks: a double is gone within five minutes."""
LOOK_BACK = timedelta(minutes=15)
"""How old a message may be to be looked at; every one is looked at several times."""

log = logging.getLogger(__name__)


class Healer:
    """Looks through the channels in which something was posted lately."""

    def __init__(self, store: Store, platforms: Sequence[Healable], clock: Clock) -> None:
        self._store = store
        self._platforms = platforms
        self._clock = clock
        self._unplaced: set[MessageRef] = set()

    async def heal(self) -> int:
        """Remove every double; says how many. What cannot be looked at now is looked at the next time."""
        before, self._unplaced = self._unplaced, set()
        return sum([await self._healed(platform, before) for platform in self._platforms])

    async def _healed(self, platform: Healable, before: Set[MessageRef]) -> int:
        async with self._store.snapshot() as tx:
            places = await tx.outbox.lately(platform.name, LOOK_BACK)
        removed = 0
        for place in places:
            try:
                for group in await platform.doubles(place.channel, self._clock() - LOOK_BACK):
                    removed += await self._thinned(platform, group, before)
            except SendError as error:
                log.warning("doubles could not be looked for", extra={"channel": place.channel, "why": str(error)})
        return removed

    async def _thinned(self, platform: Healable, group: Sequence[MessageRef], before: Set[MessageRef]) -> int:
        """Keep the message that a placement points at, else the oldest.

        Where no placement does, the first look does nothing: one of them may just have been sent, and be noted now.
        """
        async with self._store.snapshot() as tx:
            placed = [one for one in group if await tx.placements.inquiry_at(platform.name, one.channel, one.message)]
        if not placed and not before >= set(group):
            self._unplaced.update(group)
            return 0
        kept = (placed or group)[0]
        extra = [one for one in group if one != kept]
        for one in extra:
            log.warning("a message stood there twice", extra={"channel": one.channel, "platform": platform.name})
            await platform.remove(one)
        return len(extra)
