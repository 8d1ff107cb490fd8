"""What is done on a platform for one sending: posted, updated, whispered or taken away, and looked for before that."""

from contextlib import suppress
from datetime import datetime, timedelta

from bot.chat.card import Card
from bot.notices import NoticeKind
from bot.parcels import Parcel, Parcels
from bot.ports import ChatPlatform, Closed, MessageGone, MessageRef, NotSent, Refused, Sending, Store, Unclear

TO_PLACES = (
    *(NoticeKind.NUDGE, NoticeKind.DIGEST, NoticeKind.ESCALATION, NoticeKind.MISSED),
    *(NoticeKind.CALL, NoticeKind.CALL_CHECK),
    *(NoticeKind.HELP, NoticeKind.UNREAD),
    *(NoticeKind.ADVICE, NoticeKind.RECEIPTS),
    NoticeKind.BOARD,
)
"""What is said in a channel or to a person, and drawn anew there when it changes."""
LOOKS = 2
MARGIN = timedelta(seconds=5)
"""How much earlier than its beginning an unclear post is looked for: clocks differ."""


class NotFoundYet(Exception):
    """Looked for and not found; too early to say that it was never sent."""


class Errands:
    """Carries out sendings, one at a time."""

    def __init__(self, store: Store, parcels: Parcels) -> None:
        self._store = store
        self._parcels = parcels

    async def run(self, platform: ChatPlatform, sending: Sending, is_last_try: bool) -> MessageRef | None:
        """Do what a sending asks for, by the state of this moment; says where it stands now, if it stands anywhere.

        Raises SendError and NotFoundYet. `is_last_try`: what has to wait for a card waits no longer.
        """
        if sending.kind is NoticeKind.REMOVAL:
            await self._taken_away(platform, sending)
            return None
        async with self._store.snapshot() as tx:
            parcel = await self._parcels.made(tx, sending)
        key = f"{sending.key}:{parcel.generation}"
        if sending.kind in TO_PLACES:
            return await self._told(platform, sending, parcel, key, is_last_try)
        if sending.kind is NoticeKind.CARD and parcel.at:
            return await _updated(platform, parcel.at, parcel)
        if sending.unclear_since:
            found = await self._looked_for(platform, sending, sending.unclear_since, key, parcel)
            if found and sending.kind is NoticeKind.CARD:
                return await _updated(platform, found, parcel)
            if found:
                return found
        match sending.kind:
            case NoticeKind.CARD:
                return None if parcel.is_last else await platform.post(sending.place.channel, parcel.card, key)
            case NoticeKind.LETTER:
                if parcel.at is None:
                    raise Refused("the inquiry has no card here")
                return await platform.reply(parcel.at, parcel.card, key)
            case _:
                return await self._whispered(platform, sending, parcel.card, key, is_last_try)

    async def _told(
        self, platform: ChatPlatform, sending: Sending, parcel: Parcel, key: str, is_last_try: bool
    ) -> MessageRef | None:
        """To a channel or a person, once; said again it is drawn anew where it stands, if it stands there still."""
        at = sending.stands
        if at is None and sending.unclear_since:
            at = await self._looked_for(platform, sending, sending.unclear_since, key, parcel)
        if at:
            if not await self._is_word(sending, at):
                with suppress(MessageGone):
                    await platform.update(at, parcel.card)
            return at
        if parcel.is_last:
            return None
        if sending.place.channel.startswith("@"):
            return await self._whispered(platform, sending, parcel.card, key, is_last_try)
        return await platform.post(sending.place.channel, parcel.card, key)

    async def _is_word(self, sending: Sending, at: MessageRef) -> bool:
        """Whether what stands there instead of a direct message is the word of it, which stays what it is."""
        if not sending.place.channel.startswith("@"):
            return False
        async with self._store.snapshot() as tx:
            return await self._parcels.is_word(tx, sending, at)

    async def _whispered(
        self, platform: ChatPlatform, sending: Sending, card: Card, key: str, is_last_try: bool
    ) -> MessageRef:
        """To whoever takes no direct messages, the thread of the inquiry says that there is news, not what it is.

        Not to somebody on the phone, who would look there in vain: who whispered to them hears that it cannot be.
        """
        try:
            return await platform.whisper(sending.place.channel.removeprefix("@"), card, key)
        except Closed:
            if sending.kind is NoticeKind.ADVICE:
                raise
            async with self._store.snapshot() as tx:
                instead = await self._parcels.word_instead(tx, sending)
            if instead is None or (instead.at is None and is_last_try):
                raise
            if instead.at is None:
                raise NotSent("the card is not there yet") from None
            key = f"{key}:word"
            began = sending.unclear_since
            found = await self._looked_for(platform, sending, began, key, instead) if began else None
            return found or await platform.reply(instead.at, instead.card, key)

    async def _taken_away(self, platform: ChatPlatform, sending: Sending) -> None:
        """Take a message away. Where it stands is remembered, or it is looked for by its key; what is gone is done.

        It was sent at some time after its notice came up: perhaps just now.
        """
        at = sending.stands
        if at is None:
            key = f"{sending.key}:1"
            async with self._store.snapshot() as tx:
                parcel = await self._parcels.of_removal(tx, sending)
            with suppress(MessageGone):
                at = await self._looked_for(platform, sending, sending.created_at, key, parcel)
        if at:
            try:
                with suppress(MessageGone):
                    await platform.remove(at)
            except Unclear as error:
                raise NotSent(str(error)) from error  # doing it twice is doing it once

    async def _looked_for(
        self, platform: ChatPlatform, sending: Sending, since: datetime, key: str, parcel: Parcel
    ) -> MessageRef | None:
        """The message that an earlier try left there since then, if it did.

        Two looks that find nothing settle it, where one might come too early.
        """
        try:
            found = await platform.find(parcel.place.channel, key, since - MARGIN, parcel.at)
        except Unclear as error:
            raise NotSent(str(error)) from error  # nothing was sent by looking
        except Closed:
            return None
        if found is None and sending.unclear_since and platform.pace.settle and sending.looks + 1 < LOOKS:
            raise NotFoundYet
        return found


async def _updated(platform: ChatPlatform, at: MessageRef, parcel: Parcel) -> MessageRef | None:
    try:
        await platform.update(at, parcel.card)
    except Unclear as error:
        raise NotSent(str(error)) from error  # doing it twice is doing it once
    except MessageGone:
        if not parcel.is_last:
            raise
        return None
    return at
