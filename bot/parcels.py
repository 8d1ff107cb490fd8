"""What a notice says: its card, built from the state of the moment in which it is sent."""

from dataclasses import dataclass

from bot.cards.alarm_card import alarm_card
from bot.cards.inquiry_card import inquiry_card
from bot.cards.letter_card import letter_card
from bot.cards.whisper_card import whisper_card
from bot.chat.card import Card
from bot.domain.agent import Agent
from bot.domain.events import Event, EventKind
from bot.domain.inquiry import Inquiry
from bot.notices import NoticeKind
from bot.ports import Clock, Handle, MessageRef, Place, Placement, Refused, Sending, Transaction
from bot.translator import Speaker, Translator

PARKED = 100
"""Refused notices that an alarm counts."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A card ready to go: the message that it updates or answers, and how often it was posted anew."""

    card: Card
    at: MessageRef | None
    generation: int


class Parcels:
    """Makes parcels in the language and time zone of those who read them."""

    def __init__(self, translator: Translator, clock: Clock) -> None:
        self._translator = translator
        self._clock = clock

    async def made(self, tx: Transaction, sending: Sending) -> Parcel:
        """The card for a notice, by the state of this moment. Raises Refused when there is nothing left to say."""
        inquiry = await tx.inquiries.get(sending.number)
        if inquiry is None:
            raise Refused("the inquiry is gone")
        if sending.kind is NoticeKind.ALARM:
            return Parcel(await self._alarm(tx, sending), None, 1)
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
        return Parcel(letter_card(letter.message, letter.outgoing, reopened, say), placement.ref, 1)

    async def _whisper(self, tx: Transaction, sending: Sending, inquiry: Inquiry) -> Card:
        agent, say = await self._reader(tx, sending)
        return whisper_card(await _event(tx, sending), inquiry, agent, say)

    async def _alarm(self, tx: Transaction, sending: Sending) -> Card:
        _, say = await self._reader(tx, sending)
        *_, platform, channel = sending.key.split(":", 4)
        return alarm_card(await tx.outbox.parked(PARKED, Place(platform, channel)), f"{platform}:{channel}", say)

    async def _reader(self, tx: Transaction, sending: Sending) -> tuple[Agent, Speaker]:
        """Who is told by direct message, and how one speaks to them."""
        handle = Handle(sending.place.platform, sending.place.channel.removeprefix("@"))
        agent = await tx.agents.by_handle(handle)
        if agent is None:
            raise Refused("the person is not of the team any more")
        return agent, self._translator.speaker(agent.language, agent.time_zone, self._clock())


async def _event(tx: Transaction, sending: Sending) -> Event:
    timeline = await tx.inquiries.timeline(sending.number)
    return next(one for one in timeline if one.version == sending.version)
