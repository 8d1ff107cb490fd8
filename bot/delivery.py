"""Empties the outbox: builds each card from the state of that moment, posts it, remembers where it stands."""

import asyncio
import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime, timedelta

from bot.errands import Errands, NotFoundYet
from bot.gate import RESTS, Gate, sparing
from bot.notices import NoticeKind
from bot.parcels import Parcels
from bot.ports import (
    Busy,
    ChatPlatform,
    Clock,
    MessageGone,
    MessageRef,
    Meter,
    NotSent,
    Place,
    Refused,
    Sending,
    Store,
    StoreDown,
    Transaction,
    Unclear,
)
from bot.races import run_again
from bot.translator import Translator

LEASE = timedelta(seconds=60)
TAKE = 10
"""Notices taken at once; what is not begun within half the lease is given back."""
GIVE_WAY = 0.5
"""Seconds for which all else gives way, at most, when a whisper sets out: they share the database and this process."""
LOOK_EVERY = 1.0
"""Seconds between looks into the outbox when nobody wakes us: another process may have put something in."""
WAKING = 0.02
"""Seconds after a place's rest when its notices are surely due again: their times are the database's."""
FAREWELL = 3.0
"""Seconds that sends under way may take when we are asked to stop."""
BACK_OFF = (1, 2, 5, 10, 30, 60, 120, 300)
"""Seconds that one notice waits after each failure that is its own; after the last it is parked."""

log = logging.getLogger(__name__)


class Delivery:
    """Sends what the outbox holds, each place by a task of its own, so that a slow one delays no other.

    Whispers go by tasks of their own, and before all else: what waits for its turn in the same place is overtaken.
    """

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, ChatPlatform],
        translator: Translator,
        clock: Clock,
        meter: Meter,
        lease: timedelta = LEASE,
        rests: Sequence[float] = RESTS,
        region: str = "JP",
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._parcels = Parcels(translator, clock, region)
        self._errands = Errands(store, self._parcels)
        self._clock = clock
        self._meter = meter
        self._lease = lease
        self._rests = rests
        self._owner = secrets.token_hex(8)
        self._closing = False
        self._gates: dict[Place, Gate] = {}
        self._due = asyncio.Event()
        self._hurried = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._calm_by = 0.0
        self._couriers: dict[tuple[Place, bool], asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Something was put into the outbox: look now."""
        self._due.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is being sent then is finished first, for a few seconds."""
        self._closing = False
        try:
            while True:
                self._due.clear()
                await self._send_couriers()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):  # wait_for of Python 3.11 may swallow a cancellation
                        await self._due.wait()
        finally:
            await self._come_home()

    async def empty(self) -> None:
        """Send all that is due now, and return when nothing is; what rests after trouble is left."""
        while places := await self._due_places():
            await asyncio.gather(*(self._carry(place) for place in places))

    async def _send_couriers(self) -> None:
        try:
            with self.hurrying():
                for place in await self._due_places(urgent=True):
                    self._send_courier(place, urgent=True)
            for place in await self._due_places():
                self._send_courier(place, urgent=False)
        except StoreDown as error:
            log.error("delivery waits for the database", extra={"why": str(error)})

    def _send_courier(self, place: Place, urgent: bool) -> None:
        courier = self._couriers.get((place, urgent))
        if courier is None or courier.done():
            courier = asyncio.create_task(self._carry(place, urgent), name=f"courier {place}")
            courier.add_done_callback(self._returned)
            self._couriers[place, urgent] = courier

    @contextmanager
    def hurrying(self) -> Iterator[None]:
        """Meanwhile all that is not urgent gives way, for a moment."""
        self._calm_by = asyncio.get_running_loop().time() + GIVE_WAY
        self._hurried += 1
        self._calm.clear()
        try:
            yield
        finally:
            self._hurried -= 1
            if not self._hurried:
                self._calm.set()

    async def _give_way(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._calm_by):
                await self._calm.wait()

    def _returned(self, courier: asyncio.Task[None]) -> None:
        """Look once more: something may have been put in when the courier had looked for the last time."""
        if courier.cancelled():
            return
        if error := courier.exception():
            log.error("a courier failed", exc_info=error, extra={"courier": courier.get_name()})
        else:
            self.wake()

    async def _due_places(self, urgent: bool = False) -> list[Place]:
        async with self._store.snapshot() as tx:
            places = await (tx.outbox.urgent() if urgent else tx.outbox.due())
        return [place for place in places if place.platform in self._platforms and self._lets(place, urgent)]

    def _lets(self, place: Place, urgent: bool) -> bool:
        gate = self._gate(place)
        return gate.is_ajar if urgent else gate.is_open

    def _gate(self, place: Place) -> Gate:
        if place not in self._gates:
            pace = self._platforms[place.platform].pace
            to_person = place.channel.startswith("@")
            self._gates[place] = sparing(pace, self._rests) if to_person else Gate(pace, self._rests)
        return self._gates[place]

    async def _come_home(self) -> None:
        self._closing = True
        couriers = [courier for courier in self._couriers.values() if not courier.done()]
        if couriers:
            _, late = await asyncio.wait(couriers, timeout=FAREWELL)
            for courier in late:
                courier.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _carry(self, place: Place, urgent: bool = False) -> None:
        """Send what is due in one place, at the platform's pace, until nothing is or the place rests.

        `urgent`: whispers alone.
        """
        gate = self._gate(place)
        try:
            with self.hurrying() if urgent else nullcontext():
                while self._lets(place, urgent) and not self._closing:
                    if not urgent and self._hurried:
                        await self._give_way()
                    async with self._store.transaction() as tx:
                        taken = await tx.outbox.take(place, self._owner, self._lease, TAKE, urgent=urgent)
                    if not taken:
                        return
                    await self._send_each(self._platforms[place.platform], gate, taken, urgent)
        except StoreDown as error:
            log.error("delivery waits for the database", extra={"why": str(error)})
            gate.close(LOOK_EVERY)
        if not gate.is_open:
            asyncio.get_running_loop().call_later(gate.rest + WAKING, self.wake)

    async def _send_each(self, platform: ChatPlatform, gate: Gate, taken: Sequence[Sending], urgent: bool) -> None:
        clock = asyncio.get_running_loop().time
        until = clock() + self._lease.total_seconds() / 2

        def may_begin() -> bool:
            is_open = gate.is_ajar if urgent else gate.is_open
            return is_open and not self._closing and clock() < until

        for sending in taken:
            if self._hurried and not urgent:
                await self._give_way()
            if may_begin():
                await gate.turn(sending.kind is NoticeKind.ADVICE)
            if may_begin():
                await self._deliver(platform, gate, sending)
            else:
                async with self._store.transaction() as tx:
                    await tx.outbox.give_back(sending, self._owner)

    async def _deliver(self, platform: ChatPlatform, gate: Gate, sending: Sending) -> None:
        settle = platform.pace.settle
        since = sending.unclear_since or sending.taken_at
        try:
            at = await self._errands.run(platform, sending, is_last_try=sending.attempts > len(BACK_OFF))
        except NotFoundYet:
            await self._unclear(sending, settle, since, sending.looks + 1)
        except Unclear as error:
            log.warning("nobody knows whether it was sent", extra={"key": sending.key, "why": str(error)})
            gate.doubted()
            await self._unclear(sending, settle, since, 0)
        except Busy as error:
            await self._later(sending, gate.busy(error.retry_after or LOOK_EVERY), str(error))
        except NotSent as error:
            await self._later(sending, gate.failed(error.retry_after), str(error))
        except MessageGone:
            await self._draw_anew(sending)
        except Refused as error:
            await self._refuse(sending, str(error))
        except StoreDown:
            raise
        except Exception:
            log.exception("a notice could not be sent", extra={"key": sending.key})
            if sending.attempts < len(BACK_OFF):
                await self._unclear(sending, _wait(sending), since, 0)  # it may have failed after it was sent
            else:
                await self._refuse(sending, "an error of ours, see the log")
        else:
            gate.succeeded()
            await run_again(self._store, lambda tx: self._sent(tx, sending, at))
            self._meter.count("madoguchi_cards_delivered_total", platform=platform.name)
            waited = (self._clock() - sending.created_at).total_seconds()
            self._meter.observe("madoguchi_delivery_seconds", max(waited, 0.0), platform=platform.name)

    async def _sent(self, tx: Transaction, sending: Sending, at: MessageRef | None) -> None:
        if sending.kind is NoticeKind.ADVICE and at is not None:
            await tx.advice.delivered(sending.id, self._clock())
        await tx.outbox.sent(sending, self._owner, at)

    async def _later(self, sending: Sending, wait: timedelta, reason: str) -> None:
        async with self._store.transaction() as tx:
            if sending.unclear_since:
                await tx.outbox.unclear(sending, self._owner, wait, sending.unclear_since, sending.looks)
            else:
                await tx.outbox.later(sending, self._owner, wait, reason)

    async def _draw_anew(self, sending: Sending) -> None:
        """The card was deleted: it is posted anew, and what is said under it waits for that."""
        if sending.attempts > len(BACK_OFF):
            await self._refuse(sending, "the card is deleted again and again")
            return
        async with self._store.transaction() as tx:
            if place := await self._parcels.place_of_card(tx, sending):
                await tx.placements.lost(sending.number, place)
                if sending.kind is not NoticeKind.CARD:
                    await tx.outbox.redraw(sending.number, place)
            wait = timedelta() if sending.attempts == 1 else _wait(sending)
            await tx.outbox.later(sending, self._owner, wait, "the card was deleted")

    async def _unclear(self, sending: Sending, wait: timedelta, since: datetime, looks: int) -> None:
        await run_again(self._store, lambda tx: self._doubted(tx, sending, wait, since, looks))

    async def _doubted(self, tx: Transaction, sending: Sending, wait: timedelta, since: datetime, looks: int) -> None:
        if sending.kind is NoticeKind.ADVICE and not looks:
            await tx.advice.in_doubt(sending.id)
        await tx.outbox.unclear(sending, self._owner, wait, since, looks)

    async def _refuse(self, sending: Sending, reason: str) -> None:
        log.error("a platform refused a notice", extra={"key": sending.key, "why": reason})
        await run_again(self._store, lambda tx: self._refused(tx, sending, reason))

    async def _refused(self, tx: Transaction, sending: Sending, reason: str) -> None:
        if sending.kind is NoticeKind.ADVICE:
            await tx.advice.undelivered(sending.id)
        await tx.outbox.refuse(sending, self._owner, reason)
        if sending.kind is not NoticeKind.ALARM:
            await tx.outbox.alarm(sending)


def _wait(sending: Sending) -> timedelta:
    return timedelta(seconds=BACK_OFF[min(sending.attempts, len(BACK_OFF)) - 1])
