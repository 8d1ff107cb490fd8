"""What a notice says: its card, built from the state of the moment in which it is sent."""

from dataclasses import dataclass

from bot.advice_messages import advice_message, receipts_message
from bot.boards import board_message, spoken_at
from bot.call_messages import call_message
from bot.cards.alarm_card import alarm_card
from bot.cards.digest_card import URGENT, digest_card
from bot.cards.erased_card import erased_card
from bot.cards.escalation_card import Told, escalation_card
from bot.cards.inquiry_card import RECENT_DAYS, inquiry_card
from bot.cards.letter_card import by_hand_card, letter_card
from bot.cards.missed_card import missed_card
from bot.cards.nudge_card import nudge_card
from bot.cards.whisper_card import whisper_card
from bot.cards.word import word
from bot.chat.card import Card, Tone
from bot.domain.agent import Agent
from bot.domain.events import Event, EventKind
from bot.domain.inquiry import Inquiry
from bot.help_messages import KINDS as HELPING
from bot.help_messages import help_message, language_at
from bot.notices import NoticeKind
from bot.ports import Clock, Handle, MessageRef, Place, Placement, Queue, Refused, Sending, Transaction
from bot.reminders import reminder_of
from bot.review_messages import review_message
from bot.service_levels import as_due, levels_of
from bot.translator import Speaker, Translator

PARKED = 100
"""Refused notices that an alarm counts."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A card ready to go to a place: the message that it updates or answers, and how often it was posted anew.

    `is_last`: it says that the inquiry was erased, or what is of no use any more, or it is for somebody who has left.
    It replaces what stands there, and is posted nowhere.
    """

    card: Card
    place: Place
    at: MessageRef | None = None
    generation: int = 1
    is_last: bool = False


class Parcels:
    """Makes parcels in the language and time zone of those who read them."""

    def __init__(self, translator: Translator, clock: Clock, region: str = "JP") -> None:
        self._translator = translator
        self._clock = clock
        self._region = region

    async def made(self, tx: Transaction, sending: Sending) -> Parcel:
        """The card for a notice, by the state of this moment. Raises Refused when there is nothing left to say."""
        if sending.kind is NoticeKind.ALARM:
            return Parcel(await self._alarm(tx, sending), sending.place)
        if sending.kind is NoticeKind.REVIEW:
            _, say = await self._reader(tx, sending)
            return Parcel(await review_message(tx, sending, say), sending.place)
        if sending.kind is NoticeKind.MISSED:
            _, say = await self._reader(tx, sending)
            return Parcel(missed_card(sending.version, sending.number, say), sending.place)
        if sending.kind is NoticeKind.DIGEST:
            return await self._digest(tx, sending)
        if sending.kind is NoticeKind.NUDGE:
            return await self._nudge(tx, sending)
        if sending.kind in (NoticeKind.CALL, NoticeKind.CALL_CHECK):
            return await self._call(tx, sending)
        if sending.kind in (NoticeKind.ADVICE, NoticeKind.RECEIPTS):
            agent, say = await self._reader(tx, sending)
            message = advice_message if sending.kind is NoticeKind.ADVICE else receipts_message
            drawn = await message(tx, sending, agent, say)
            return Parcel(drawn.card, sending.place, is_last=drawn.is_last)
        if sending.kind is NoticeKind.BOARD:
            say = self._translator.speaker(*await spoken_at(tx, sending.place), self._clock())
            card, is_last = await board_message(tx, sending, self._region, say)
            return Parcel(card, sending.place, is_last=is_last)
        if sending.kind in HELPING:
            return await self._help(tx, sending)
        inquiry = await tx.inquiries.get(sending.number)
        if inquiry is None:
            raise Refused("the inquiry is gone")
        if sending.kind is NoticeKind.ESCALATION:
            return await self._escalation(tx, sending, inquiry)
        placement = await tx.placements.of(sending.number, sending.place) or Placement(None, 1)
        if sending.kind is NoticeKind.WHISPER:
            return Parcel(await self._whisper(tx, sending, inquiry), sending.place)
        queue = await tx.queues.get(inquiry.queue)
        assert queue is not None
        say = self._translator.speaker(queue.language, queue.time_zone, self._clock())
        if sending.kind is NoticeKind.CARD:
            shown = await as_due(tx, inquiry)
            card = inquiry_card(shown, say, await tx.histories.nth(inquiry, RECENT_DAYS))
            return Parcel(card, sending.place, placement.ref, placement.generation, inquiry.erased_at is not None)
        event = await _event(tx, sending)
        if event.details.get("by_hand"):
            return Parcel(by_hand_card(event, say), sending.place, placement.ref)
        letters = await tx.inquiries.letters(sending.number)
        letter = next(one for one in letters if one.version == sending.version)
        reopened = event.kind is EventKind.REOPENED
        return Parcel(letter_card(letter.message, letter.outgoing, reopened, say), sending.place, placement.ref)

    async def _whisper(self, tx: Transaction, sending: Sending, inquiry: Inquiry) -> Card:
        agent, say = await self._reader(tx, sending)
        return whisper_card(await _event(tx, sending), inquiry, agent, say)

    async def _escalation(self, tx: Transaction, sending: Sending, inquiry: Inquiry) -> Parcel:
        """The notice's version is the escalation's id, and its key begins with the tag of the post that it is."""
        has_left = False
        if sending.place.channel.startswith("@"):
            agent, say = await self._reader(tx, sending)
            has_left = agent.role is None
        else:
            queue = await tx.queues.get(inquiry.queue)
            assert queue is not None
            say = self._translator.speaker(queue.language, queue.time_zone, self._clock())
        if inquiry.erased_at:
            return Parcel(erased_card(inquiry, say), sending.place, is_last=True)
        one = await tx.escalations.get(sending.version)
        tag = sending.key.partition(":")[0]
        post = next((each for each in one.posts if each.tag(one.id) == tag), None) if one else None
        if one is None or post is None:
            raise Refused("the escalation is gone")
        phone = (await levels_of(tx)).escalations.call
        return Parcel(escalation_card(Told(one, inquiry, phone), post, say), sending.place, is_last=has_left)

    async def _digest(self, tx: Transaction, sending: Sending) -> Parcel:
        """The notice's number is the digest's. One that could not be sent in its part of the day is posted nowhere."""
        digest = await tx.digests.get(sending.number)
        queue = await tx.queues.get(digest.queue) if digest else None
        if digest is None or digest.slot is None or queue is None:
            raise Refused("the digest is gone")
        say = self._translator.speaker(queue.language, queue.time_zone, self._clock())
        before = await tx.digests.before(digest.queue, digest.slot.part, digest.slot.day)
        card = digest_card(digest, before, await tx.digests.urgent(digest.queue, URGENT), say)
        return Parcel(card, sending.place, is_last=digest.is_late(self._clock()))

    async def _nudge(self, tx: Transaction, sending: Sending) -> Parcel:
        reminder = await reminder_of(tx, sending)
        if reminder is None:
            raise Refused("there is nothing to remind of any more")
        has_left = False
        if sending.place.channel.startswith("@"):
            agent, say = await self._reader(tx, sending)
            has_left = agent.role is None
        else:
            queue = await tx.queues.get(reminder.first.queue)
            assert queue is not None
            say = self._translator.speaker(queue.language, queue.time_zone, self._clock())
        card = nudge_card(reminder.lines, reminder.total, reminder.to, reminder.now, say)
        return Parcel(card, sending.place, is_last=reminder.is_over or has_left)

    async def _help(self, tx: Transaction, sending: Sending) -> Parcel:
        """A call for advice, to a person or a channel; or that advice stays unread."""
        has_left = False
        if sending.place.channel.startswith("@"):
            agent, say = await self._reader(tx, sending)
            has_left = agent.role is None
        else:
            say = self._translator.speaker(*await language_at(tx, sending), self._clock())
        card, is_over = await help_message(tx, sending, self._region, say)
        return Parcel(card, sending.place, is_last=is_over or has_left)

    async def _call(self, tx: Transaction, sending: Sending) -> Parcel:
        agent, say = await self._reader(tx, sending)
        card, is_last = await call_message(tx, sending, say, self._region)
        return Parcel(card, sending.place, is_last=is_last or agent.role is None)

    async def _alarm(self, tx: Transaction, sending: Sending) -> Card:
        _, say = await self._reader(tx, sending)
        refused = _refused_at(sending)
        return alarm_card(await tx.outbox.parked(PARKED, refused), _named(refused), say)

    async def of_removal(self, tx: Transaction, sending: Sending) -> Parcel:
        """Where a message may stand that is to be taken away: in its place, or under the card there."""
        placement = await tx.placements.of(sending.number, sending.place)
        return Parcel(Card(""), sending.place, placement.ref if placement else None)

    async def word_instead(self, tx: Transaction, sending: Sending) -> Parcel | None:
        """For the thread of the inquiry's card on the same platform: that there is news for somebody, not what it is.

        None where no card goes.
        """
        agent, _ = await self._reader(tx, sending)
        queue, place = await _queue(tx, sending), await self.place_of_card(tx, sending)
        if queue is None or place is None:
            return None
        placement = await tx.placements.of(sending.number, place)
        say = self._translator.speaker(queue.language, queue.time_zone, self._clock())
        if sending.kind is NoticeKind.ALARM:
            text = say("alarm.closed", person=agent.name, place=_named(_refused_at(sending)))
        else:
            text = say("whisper.closed", person=agent.name)
        return Parcel(word(text, Tone.OPEN), place, placement.ref if placement else None)

    async def is_word(self, tx: Transaction, sending: Sending, at: MessageRef) -> bool:
        """Whether what stands there for one person is the word in the thread of the card, where all can read it.

        On Discord a thread is a channel that is called as its first message.
        """
        queue = await _queue(tx, sending)
        for place in queue.places if queue else ():
            placement = await tx.placements.of(sending.number, place)
            card = placement.ref if placement and place.platform == sending.place.platform else None
            if card and at.channel in (card.channel, card.message):
                return True
        return False

    async def place_of_card(self, tx: Transaction, sending: Sending) -> Place | None:
        """Where the card is that a notice brings or stands under; to people, one that is there on their platform."""
        if sending.kind in (NoticeKind.CARD, NoticeKind.LETTER):
            return sending.place
        queue = await _queue(tx, sending)
        places = [one for one in (queue.places if queue else ()) if one.platform == sending.place.platform]
        for place in places:
            placement = await tx.placements.of(sending.number, place)
            if placement and placement.ref:
                return place
        return places[0] if places else None

    async def _reader(self, tx: Transaction, sending: Sending) -> tuple[Agent, Speaker]:
        """Who is told by direct message, and how one speaks to them."""
        handle = Handle(sending.place.platform, sending.place.channel.removeprefix("@"))
        agent = await tx.agents.by_handle(handle)
        if agent is None:
            raise Refused("the person is not of the team any more")
        return agent, self._translator.speaker(agent.language, agent.time_zone, self._clock())


def _refused_at(sending: Sending) -> Place:
    """The place that an alarm is about; see `storage.outbox`."""
    *_, platform, channel = sending.key.split(":", 4)
    return Place(platform, channel)


def _named(place: Place) -> str:
    return f"{place.platform}:{place.channel}"


async def _queue(tx: Transaction, sending: Sending) -> Queue | None:
    if sending.kind in (NoticeKind.REVIEW, NoticeKind.DIGEST):  # its number is a template's, an article's or a digest's
        return None
    inquiry = await tx.inquiries.get(sending.number)
    return await tx.queues.get(inquiry.queue) if inquiry else None


async def _event(tx: Transaction, sending: Sending) -> Event:
    timeline = await tx.inquiries.timeline(sending.number)
    return next(one for one in timeline if one.version == sending.version)
