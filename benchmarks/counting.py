"""A desk that counts: it stands at the end of what a platform's listeners do with a call."""

import asyncio
from collections.abc import Sequence

from bot.chat.card import Choice
from bot.chat.invocation import Answer, Invocation
from bot.chat.profile import Profile
from bot.dispatch import Dispatch


class Counting:
    """A desk that counts the calls and says nothing; with `behind` it lets that carry them out."""

    def __init__(self, behind: Dispatch | None = None) -> None:
        self._behind = behind
        self._idle = asyncio.Event()
        self._left = 0

    def expect(self, calls: int) -> None:
        """So many calls are about to come."""
        self._left = calls
        self._idle.clear()

    async def done(self) -> None:
        """Return when all of them have been carried out."""
        await self._idle.wait()

    async def call(self, invocation: Invocation) -> Answer | None:
        if self._behind:
            await self._behind.call(invocation)
        self.count()
        return None

    def count(self) -> None:
        """One more has been carried out."""
        self._left -= 1
        if not self._left:
            self._idle.set()

    async def reply(self, invocation: Invocation) -> Answer | None:
        """Nobody replies here."""
        return None

    async def complete(self, invocation: Invocation, option: str, typed: str) -> Sequence[Choice]:
        return ()

    async def meet(self, platform: str, profile: Profile) -> None:
        """Nobody is asked for."""
