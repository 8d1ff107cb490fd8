"""Owning what one replica at a time may have, a mailbox or a gateway, as long as its lease is confirmed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from bot.ports import Lease, StoreDown

FAREWELL = 0.5
"""Seconds that giving a lease back may take; one that is not given back ends by itself."""


class Ownership:
    """Waits for a lease, confirms it every `beat` seconds, and calls `lost` the moment that it is not."""

    def __init__(self, lease: Lease, name: str, beat: float, lost: Callable[[], None]) -> None:
        self.is_held = False
        self.is_anothers = False
        self._lease = lease
        self._name = name
        self._beat = beat
        self._lost = lost
        self._heart: asyncio.Task[None] | None = None

    async def gain(self) -> None:
        """Return when it is ours; waits for as long as another replica has it."""
        while not self.is_held:
            self.is_anothers = not await self._confirmed()
            if not self.is_anothers:
                self.is_held = True
                self._heart = asyncio.create_task(self._keep(), name=f"lease {self._name}")
            else:
                await asyncio.sleep(self._beat / 2)

    async def give_up(self) -> None:
        """Let another replica have it."""
        heart, self._heart, was_held = self._heart, None, self.is_held
        if heart is not None:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)
        if was_held:
            with suppress(StoreDown, TimeoutError):
                async with asyncio.timeout(FAREWELL):  # wait_for of Python 3.11 may swallow a cancellation
                    await self._lease.release(self._name)

    async def _keep(self) -> None:
        try:
            while True:
                await asyncio.sleep(self._beat)
                if not await self._confirmed():
                    return
        finally:
            self.is_held = False
            self._lost()

    async def _confirmed(self) -> bool:
        """An answer that does not come in time is a no: another replica may have taken over by then."""
        try:
            async with asyncio.timeout(self._beat):
                return await self._lease.hold(self._name)
        except (StoreDown, TimeoutError):
            return False
