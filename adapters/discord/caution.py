"""Keeps invalid requests (401, 403, 429) few: Discord bans an address after 10,000 of them in ten minutes.

Source: discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.ports import NotSent

MOST = 20
"""Invalid requests that may come at once."""
EVERY = 8.0
"""Seconds after which one more may come: no more than 95 in ten minutes while nothing goes well."""
PATIENCE = 5.0
"""Seconds that one waits for their turn."""


class Caution:
    """Lets all ask at once while nothing goes wrong, one at a time after that, and nobody once all is used up."""

    def __init__(self) -> None:
        self._left = float(MOST)
        self._at = 0.0
        self._one = asyncio.Lock()

    @property
    def wait(self) -> float:
        """Seconds until somebody may ask, 0 for now."""
        return max((1.0 - self._counted()) * EVERY, 0.0)

    @property
    def trouble(self) -> str:
        """Empty when all is well, else a sentence for operators."""
        if not self.wait:
            return ""
        return f"Discord refuses one request after another (401, 403, 429): it is asked every {EVERY:.0f} seconds only."

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn to ask. Raises NotSent when there is none for now."""
        if self._counted() >= MOST:
            yield
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self._one.acquire()
        except TimeoutError:
            raise NotSent("Discord is asked one thing at a time after what it refused.") from None
        try:
            if wait := self.wait:
                raise NotSent(self.trouble, wait)
            yield
        finally:
            self._one.release()

    def invalid(self) -> None:
        """A request was invalid."""
        self._left = self._counted() - 1.0

    def valid(self) -> None:
        """A request went well."""
        self._left = min(self._counted() + 1.0, MOST)

    def _counted(self) -> float:
        now = asyncio.get_running_loop().time()
        self._left = min(self._left + (now - self._at) / EVERY, MOST) if self._at else self._left
        self._at = now
        return self._left
