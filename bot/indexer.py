"""Texts changed: their words are put into the full-text index, beside all other work and without holding it up."""

import asyncio
import logging
from time import perf_counter

from bot.domain.errors import Conflict
from bot.ports import Store, StoreDown

EVERY = 1.0
"""Seconds between two looks at whether anything changed."""
BATCH = 50
"""Texts a transaction: few, because on SQLite nobody else writes meanwhile."""
SHARE = 0.15
"""How much of the time may go into indexing: a backlog of mail is taken in about so much more slowly."""

log = logging.getLogger(__name__)


class Indexer:
    """Brings the index up to date."""

    def __init__(self, store: Store, share: float = SHARE) -> None:
        self._store = store
        self._pause = (1 - share) / share

    async def catch_up(self) -> int:
        """Index what changed until nothing is left, resting after each batch; says how many changes there were.

        While the database is down there is nothing to be done; all stands in it until the next time.
        """
        done = 0
        try:
            is_behind = await self._is_behind()
            while is_behind:
                begun = perf_counter()
                some = await self._batch()
                done, is_behind = done + some, some == BATCH  # none at all: another replica is at it
                await asyncio.sleep((perf_counter() - begun) * self._pause)
        except (StoreDown, Conflict) as error:
            log.warning("the index could not be brought up to date; it is tried again", extra={"why": str(error)})
        return done

    async def _is_behind(self) -> bool:
        async with self._store.snapshot() as tx:
            return await tx.search.behind() > 0

    async def _batch(self) -> int:
        async with self._store.transaction() as tx:
            return await tx.search.catch_up(BATCH)
