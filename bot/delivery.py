"""Empties the outbox: builds each card from the state of that moment, posts it, remembers where it stands."""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards.inquiry_card import inquiry_card
from bot.cards.letter_card import letter_card
from bot.cards.whisper_card import whisper_card
from bot.chat.card import Card
from bot.domain.events import Event, EventKind
from bot.domain.inquiry import Inquiry
from bot.notices import NoticeKind
from bot.ports import (
    ChatPlatform,
    Clock,
    Handle,
    MessageGone,
    MessageRef,
    Meter,
    NotSent,
    Place,
    Placement,
    Refused,
    Sending,
    Store,
    StoreDown,
    Transaction,
    Unclear,
)
from bot.translator import Translator

LEASE = timedelta(seconds=60)
TAKE = 10
"""Notices taken at once; what is not begun within half the lease is given back."""
LOOK_EVERY = 1.0
"""Seconds between looks into the outbox when nobody wakes us: another process may have put something in."""
LOOKS = 2
FAREWELL = 3.0
"""Seconds that sends under way may take when we are asked to stop."""
BACK_OFF = (1, 2, 5, 10, 30, 60, 120, 300)
"""Seconds to wait after each failure in a row."""
MARGIN = timedelta(seconds=5)
"""How much earlier than its beginning an unclear post is looked for: clocks differ."""

log = logging.getLogger(__name__)


class Delivery:
    """Sends what the outbox holds, each place by a task of its own, so that a slow one delays no other."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, ChatPlatform],
        translator: Translator,
        clock: Clock,
        meter: Meter,
        lease: timedelta = LEASE,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._translator = translator
        self._clock = clock
        self._meter = meter
        self._lease = lease
        self._owner = secrets.token_hex(8)
        self._closing = False
        self._paces: dict[Place, Bucket] = {}
        self._due = asyncio.Event()
        self._couriers: dict[Place, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Something was put into the outbox: look now."""
        self._due.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is being sent then is finished first, for a few seconds."""
        try:
            while True:
                self._due.clear()
                await self._send_couriers()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._due.wait(), LOOK_EVERY)
        finally:
            await self._come_home()

    async def empty(self) -> None:
        """Send all that is due now, and return when nothing is."""
        while places := await self._due_places():
            await asyncio.gather(*(self._carry(place) for place in places))

    async def _send_couriers(self) -> None:
        try:
            places = await self._due_places()
        except StoreDown as error:
            log.error("delivery waits for the database", extra={"why": str(error)})
            return
        for place in places:
            courier = self._couriers.get(place)
            if courier is None or courier.done():
                self._couriers[place] = asyncio.create_task(self._carry(place), name=f"courier {place}")

    async def _due_places(self) -> list[Place]:
        async with self._store.snapshot() as tx:
            places = await tx.outbox.due()
        return [place for place in places if place.platform in self._platforms]

    async def _come_home(self) -> None:
        self._closing = True
        couriers = [courier for courier in self._couriers.values() if not courier.done()]
        if couriers:
            _, late = await asyncio.wait(couriers, timeout=FAREWELL)
            for courier in late:
                courier.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _carry(self, place: Place) -> None:
        """Send what is due in one place, at the platform's pace, until nothing is."""
        platform = self._platforms[place.platform]
        pace = self._paces.setdefault(place, Bucket(platform.pace.per_second, platform.pace.burst))
        try:
            while not self._closing:
                async with self._store.transaction() as tx:
                    taken = await tx.outbox.take(place, self._owner, self._lease, TAKE)
                if not taken:
                    return
                await self._send_each(platform, pace, taken)
        except StoreDown as error:
            log.error("delivery waits for the database", extra={"why": str(error)})
            await asyncio.sleep(LOOK_EVERY)

    async def _send_each(self, platform: ChatPlatform, pace: "Bucket", taken: Sequence[Sending]) -> None:
        clock = asyncio.get_running_loop().time
        begun = clock()
        for sending in taken:
            await pace.turn()
            if self._closing or clock() - begun > self._lease.total_seconds() / 2:
                await self._give_back(sending)
            else:
                await self._deliver(platform, sending)

    async def _give_back(self, sending: Sending) -> None:
        async with self._store.transaction() as tx:
            if sending.unclear_since:
                await tx.outbox.unclear(sending, self._owner, timedelta(), sending.unclear_since, sending.looks)
            else:
                await tx.outbox.later(sending, self._owner, timedelta(), "")

    async def _deliver(self, platform: ChatPlatform, sending: Sending) -> None:
        settle = platform.pace.settle
        try:
            at = await self._say(platform, sending)
        except _NotFoundYet:
            since = sending.unclear_since or sending.taken_at
            await self._unclear(sending, settle, since, sending.looks + 1)
        except Unclear as error:
            log.warning("nobody knows whether it was sent", extra={"key": sending.key, "why": str(error)})
            await self._unclear(sending, settle, sending.taken_at, 0)
        except NotSent as error:
            await self._later(sending, _wait(sending, error.retry_after), str(error))
        except MessageGone:
            async with self._store.transaction() as tx:
                await tx.placements.lost(sending.number, sending.place)
                await tx.outbox.later(sending, self._owner, timedelta(), "the card was deleted")
        except Refused as error:
            await self._refuse(sending, str(error))
        except StoreDown:
            raise
        except Exception:
            log.exception("a notice could not be sent", extra={"key": sending.key})
            if sending.attempts < len(BACK_OFF):
                await self._later(sending, _wait(sending, None), "an error of ours, see the log")
            else:
                await self._refuse(sending, "an error of ours, see the log")
        else:
            async with self._store.transaction() as tx:
                await tx.outbox.sent(sending, self._owner, at)
            self._meter.count("madoguchi_cards_delivered_total", platform=platform.name)
            waited = (self._clock() - sending.created_at).total_seconds()
            self._meter.observe("madoguchi_delivery_seconds", max(waited, 0.0), platform=platform.name)

    async def _say(self, platform: ChatPlatform, sending: Sending) -> MessageRef:
        async with self._store.snapshot() as tx:
            parcel = await self._parcel(tx, sending)
        key = f"{sending.key}:{parcel.generation}"
        if sending.kind is NoticeKind.CARD and parcel.at:
            return await _updated(platform, parcel.at, parcel.card)
        if sending.unclear_since:
            found = await self._looked_for(platform, sending, key)
            if found and sending.kind is NoticeKind.CARD:
                return await _updated(platform, found, parcel.card)
            if found:
                return found
        match sending.kind:
            case NoticeKind.CARD:
                return await platform.post(sending.place.channel, parcel.card, key)
            case NoticeKind.LETTER:
                if parcel.at is None:
                    raise Refused("the inquiry has no card here")
                return await platform.reply(parcel.at, parcel.card, key)
            case NoticeKind.WHISPER:
                return await platform.whisper(sending.place.channel.removeprefix("@"), parcel.card, key)

    async def _looked_for(self, platform: ChatPlatform, sending: Sending, key: str) -> MessageRef | None:
        """The message that an earlier try left there, if it did. Two looks that find nothing settle it."""
        assert sending.unclear_since is not None
        try:
            found = await platform.find(sending.place.channel, key, sending.unclear_since - MARGIN)
        except (NotSent, Unclear) as error:
            raise NotSent(str(error)) from error
        if found is None and platform.pace.settle and sending.looks + 1 < LOOKS:
            raise _NotFoundYet
        return found

    async def _parcel(self, tx: Transaction, sending: Sending) -> "Parcel":
        inquiry = await tx.inquiries.get(sending.number)
        if inquiry is None:
            raise Refused("the inquiry is gone")
        placement = await tx.placements.of(sending.number, sending.place) or Placement(None, 1)
        if sending.kind is NoticeKind.WHISPER:
            return Parcel(await self._whisper(tx, sending, inquiry), None, 1)
        queue = await tx.queues.get(inquiry.queue)
        assert queue is not None
        say = self._translator.speaker(queue.language, queue.time_zone, self._clock())
        if sending.kind is NoticeKind.CARD:
            return Parcel(inquiry_card(inquiry, say), placement.ref, placement.generation)
        event = await _event(tx, sending)
        letters = await tx.inquiries.letters(sending.number)
        letter = next(one for one in letters if one.version == sending.version)
        reopened = event.kind is EventKind.REOPENED
        return Parcel(letter_card(letter.message, reopened, say), placement.ref, 1)

    async def _whisper(self, tx: Transaction, sending: Sending, inquiry: Inquiry) -> Card:
        handle = Handle(sending.place.platform, sending.place.channel.removeprefix("@"))
        agent = await tx.agents.by_handle(handle)
        if agent is None:
            raise Refused("the person is not of the team any more")
        say = self._translator.speaker(agent.language, agent.time_zone, self._clock())
        return whisper_card(await _event(tx, sending), inquiry, agent, say)

    async def _later(self, sending: Sending, wait: timedelta, reason: str) -> None:
        async with self._store.transaction() as tx:
            if sending.unclear_since:
                await tx.outbox.unclear(sending, self._owner, wait, sending.unclear_since, sending.looks)
            else:
                await tx.outbox.later(sending, self._owner, wait, reason)

    async def _unclear(self, sending: Sending, wait: timedelta, since: datetime, looks: int) -> None:
        async with self._store.transaction() as tx:
            await tx.outbox.unclear(sending, self._owner, wait, since, looks)

    async def _refuse(self, sending: Sending, reason: str) -> None:
        log.error("a platform refused a notice", extra={"key": sending.key, "why": reason})
        async with self._store.transaction() as tx:
            await tx.outbox.refuse(sending, self._owner, reason)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A card ready to go: the message that it updates or answers, and how often it was posted anew."""

    card: Card
    at: MessageRef | None
    generation: int


class Bucket:
    """Lets through so many a second, with bursts."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._tokens = float(burst)
        self._at = 0.0

    async def turn(self) -> None:
        """Wait until one more may go."""
        clock = asyncio.get_running_loop().time
        self._tokens = min(self._burst, self._tokens + (clock() - self._at) * self._per_second)
        self._at = clock()
        self._tokens -= 1
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / self._per_second)


class _NotFoundYet(Exception):
    """Looked for and not found; too early to say that it was never sent."""


async def _updated(platform: ChatPlatform, at: MessageRef, card: Card) -> MessageRef:
    try:
        await platform.update(at, card)
    except Unclear as error:
        raise NotSent(str(error)) from error  # doing it twice is doing it once
    return at


async def _event(tx: Transaction, sending: Sending) -> Event:
    timeline = await tx.inquiries.timeline(sending.number)
    return next(one for one in timeline if one.version == sending.version)


def _wait(sending: Sending, asked: float | None) -> timedelta:
    backed_off = BACK_OFF[min(sending.attempts, len(BACK_OFF)) - 1]
    return timedelta(seconds=max(asked or 0.0, 0.0 if asked else backed_off))
