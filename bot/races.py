"""Races: work on the store that is run again when it had to give way to another process."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from bot.domain.errors import Conflict
from bot.ports import Store, Transaction

ATTEMPTS = 20

Result = TypeVar("Result")


async def run_again(store: Store, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
    """Do it in one transaction, so often at most. Raises StoreDown, and Conflict when others are always quicker."""
    for _ in range(ATTEMPTS - 1):
        with suppress(Conflict):
            async with store.transaction() as tx:
                return await work(tx)
    async with store.transaction() as tx:
        return await work(tx)
