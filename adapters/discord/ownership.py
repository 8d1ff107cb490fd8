"""Owning the gateway, as long as its lease is confirmed."""

import asyncio
from contextlib import suppress

from adapters.discord.ports import Lease
from bot.ports import StoreDown

FAREWELL = 0.5
"""Seconds that giving a lease back may take; one that is not given back ends by itself."""


class Ownership:
    """Waits for a lease, confirms it every `beat` seconds, and sets `lost` the moment that it is not."""

    def __init__(self, lease: Lease, name: str, beat: float) -> None:
        self.lost = asyncio.Event()
        self.is_anothers = False
        self._lease = lease
        self._name = name
        self._beat = beat
        self._heart: asyncio.Task[None] | None = None

    async def gain(self) -> None:
        """Return when it is ours; waits for as long as another replica has it."""
        while not await self._confirmed():
            self.is_anothers = True
            await asyncio.sleep(self._beat / 2)
        self.is_anothers = False
        self.lost.clear()
        self._heart = asyncio.create_task(self._keep(), name=f"lease {self._name}")

    async def give_up(self) -> None:
        """Let another replica have it."""
        heart, self._heart = self._heart, None
        if heart is None:
            return
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)
        with suppress(StoreDown, TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await self._lease.release(self._name)

    async def _keep(self) -> None:
        try:
            while True:
                await asyncio.sleep(self._beat)
                if not await self._confirmed():
                    return
        finally:
            self.lost.set()

    async def _confirmed(self) -> bool:
        """An answer that does not come in time is a no: another replica may have taken over by then."""
        try:
            async with asyncio.timeout(self._beat):
                return await self._lease.hold(self._name)
        except (StoreDown, TimeoutError):
            return False
