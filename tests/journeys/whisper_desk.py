"""A desk that whispers, in a process of its own that ends as a test wants: killed, or at a point of its own."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from bot.app import App
from bot.chat.card import Card
from bot.domain.advice import Advice, Receipt, Token
from bot.notices import NoticeKind
from bot.ports import ChatPlatform, MessageRef, Pace, Store, Transaction
from bot.ports.advice import AdviceRoom
from tests.fakes.fail_points import DIED, FailingPlatform, FailPoints, Fault
from tests.journeys.desk import settings_from
from tests.support import in_discord, in_slack
from tests.support.hurried_time import HurriedTime

PACE = Pace(2000, 100, timedelta(seconds=3))
"""Settles, by the hurried clock, longer than a request of a desk that is dead can be under way."""
TIMEOUT = 5.0
LEASE = timedelta(seconds=25)
REST = (0.05, 0.1)
ARM = signal.SIGUSR1
"""From this signal on, a desk counts its points."""
NEVER, OF_ADVICE = 0, -1


class Flaw(StrEnum):
    """What is wrong with a desk that must be found out.

    NAIVE sends again without looking, FORGETFUL withdraws nothing as a call ends, HASTY answers people and does not
    keep what they said of advice, CROWDING keeps no distance from what has just been delivered.
    """

    NONE = ""
    NAIVE = "naive"
    FORGETFUL = "forgetful"
    HASTY = "hasty"
    CROWDING = "crowding"


class Armed(FailPoints):
    """Fail points that count only from when they are armed."""

    is_armed = False

    def __init__(self, at: int) -> None:
        super().__init__(0, Fault.DIE)
        self._later = at

    def arm(self) -> None:
        """Count from now on."""
        self.begin_scene()
        self.is_armed = True
        self._at = self._later


class Deadly(FailingPlatform):
    """Dies at its points; or, if it `dies_of_advice`, once the platform has taken some and nobody has noted that."""

    def __init__(self, platform: ChatPlatform, points: Armed, dies_of_advice: bool) -> None:
        super().__init__(platform, points)
        self._dies_of_advice = dies_of_advice
        self._armed = points

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        sent = await super().whisper(handle, card, key)
        if self._dies_of_advice and self._armed.is_armed and key.startswith(NoticeKind.ADVICE.value):
            os._exit(DIED)
        return sent


class FlawedStore:
    """A store as a desk has it with any of these flaws, but for NAIVE."""

    def __init__(self, store: Store, flaw: Flaw) -> None:
        self._store = store
        self._flaw = flaw

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        with suppress(_Lost):
            async with self._store.transaction() as tx:
                unit = _FlawedUnit(tx, self._flaw)
                yield cast(Transaction, unit)
                if unit.advice.is_said and self._flaw is Flaw.HASTY:
                    raise _Lost

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        return self._store.snapshot()


class _Lost(Exception):
    """It is rolled back, and nobody hears of that."""


class _FlawedUnit:
    def __init__(self, unit: Transaction, flaw: Flaw) -> None:
        self._unit = unit
        self.advice = _FlawedAdvice(unit.advice, flaw)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)


class _FlawedAdvice:
    """`is_said`: somebody gave advice, or told something of it."""

    def __init__(self, room: AdviceRoom, flaw: Flaw) -> None:
        self._room = room
        self._flaw = flaw
        self.is_said = False

    def __getattr__(self, name: str) -> Any:
        self.is_said |= name in ("give", "tell")
        return getattr(self._room, name)

    async def end_call(self, call: int, at: datetime) -> Sequence[Advice]:
        return () if self._flaw is Flaw.FORGETFUL else await self._room.end_call(call, at)

    async def delivered(self, outbox_id: int, at: datetime) -> None:
        if self._flaw is not Flaw.CROWDING:
            await self._room.delivered(outbox_id, at)
            return
        for one in await self._room.pieces(outbox_id):
            await self._room.tell(one.id, Receipt(Token.DELIVERED, at))


async def serve(environment: dict[str, str], began: str, speed: float, told: str, dies_at: int, flaw: str) -> None:
    """Run the desk of an environment by the hurried clock until SIGTERM; writes its port into `told`.

    `dies_at`: at which of its dealings with the platform it dies, from ARM on; 0: at none; OF_ADVICE.
    """
    time = HurriedTime(environment["DATABASE_URL"], speed, datetime.fromisoformat(began))
    app = App(settings_from(environment), time, lease=LEASE, rests=REST)
    _hurry(app, flaw == Flaw.NAIVE)
    if flaw in (Flaw.FORGETFUL, Flaw.HASTY):
        app.store = FlawedStore(app.database, Flaw(flaw))
    points = Armed(max(dies_at, 0))
    app.platforms = [Deadly(one, points, dies_at == OF_ADVICE) for one in app.platforms]
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(ARM, points.arm)
    await app.run(stop, lambda: _say(told, app.port))


def _hurry(app: App, naive: bool) -> None:
    if app._chats.slack:
        in_slack.hurry(app, PACE, TIMEOUT, naive)
    if app._chats.discord:
        in_discord.hurry(app, PACE, TIMEOUT, naive)


def _say(told: str, port: int) -> None:
    """All of it at once."""
    draft = Path(f"{told}.draft")
    draft.write_text(str(port))
    draft.rename(told)
