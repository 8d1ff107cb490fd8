"""The workspace as a chat platform: cards go into channels, threads and direct messages, and stay there."""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Error as StorageError

from aiohttp import web

from adapters.workspace import listeners
from adapters.workspace.assets import Assets
from adapters.workspace.guard import Guard
from adapters.workspace.hints import Commands, DeliverMail, Texts
from adapters.workspace.live import Hub
from adapters.workspace.messages import Messages, StoredMessage
from adapters.workspace.people import Person
from adapters.workspace.render import card_json
from bot.chat.card import Card, Tone
from bot.chat.profile import Profile
from bot.ports import Clock, Desk, MessageGone, MessageRef, NotSent, Pace, Refused

FILE = "workspace.sqlite3"


class Workspace:
    """A chat of its own, kept in `folder`, for `people` in `channels` (names without #).

    `deliver_mail` takes what the page's customer panel writes to one of `queues` (the channels' names when
    not given); without it there is no such panel. Use it between `open` and `close`.
    """

    def __init__(
        self,
        folder: Path,
        channels: Sequence[str],
        people: Sequence[Person],
        deliver_mail: DeliverMail | None,
        clock: Clock,
        texts: Texts,
        commands: Commands,
        queues: Sequence[str] | None = None,
    ) -> None:
        self.channels = tuple(channels)
        self.people = {person.handle: person for person in people}
        self.profiles = {
            one.handle: Profile(one.handle, one.name, one.language, one.time_zone, mention=one.handle) for one in people
        }
        self.queues = tuple(channels if queues is None else queues)
        self.deliver_mail = deliver_mail
        self.clock = clock
        self.texts = texts
        self.commands = commands
        self.desk: Desk | None = None
        self.guard = Guard()
        self.hub = Hub(secrets.token_hex(6))
        self.assets = Assets.load()
        self._file = folder / FILE
        self._messages: Messages | None = None
        self._trouble = ""

    @property
    def name(self) -> str:
        return "workspace"

    @property
    def pace(self) -> Pace:
        return Pace(per_second=200, burst=200, settle=timedelta(0))

    @property
    def trouble(self) -> str:
        """Empty when all is well, else a sentence for operators."""
        return self._trouble

    @property
    def messages(self) -> Messages:
        """The open database; raises NotSent before `open` and after `close`."""
        if self._messages is None:
            raise NotSent("The workspace is not open.")
        return self._messages

    async def open(self) -> None:
        """Open the database; messages of former runs are there again."""
        self._messages = await Messages.open(self._file)

    async def close(self) -> None:
        """End every page's stream and close the database. Call it before the web server's own clean-up."""
        self.hub.finish()
        opened, self._messages = self._messages, None
        if opened:
            await opened.close()

    def routes(self) -> list[web.RouteDef]:
        """The page and its API, each guarded; to be mounted into an application that serves on loopback."""
        return listeners.routes(self)

    async def run(self, desk: Desk) -> None:
        """Serve people's calls by `desk` until cancelled; before and after, they are told to wait."""
        self.desk = desk
        try:
            await asyncio.Event().wait()
        finally:
            self.desk = None
            self.hub.finish()

    async def post(self, channel: str, card: Card, key: str) -> MessageRef:
        """Post a card once per key: again under the same key, the first message is what you get."""
        self._check(channel)
        return await self._add(channel, card, key, None)

    async def update(self, message: MessageRef, card: Card) -> None:
        """Put a card's new state where it stands; raises MessageGone when somebody deleted it."""
        with self._sending():
            number = _number(message)
            if not await self.messages.change(number, {"card": card_json(card)}):
                raise MessageGone(f"Message {message.message} of {message.channel} has been deleted.")
            if card.tone is Tone.QUIET:
                await self.messages.settle()
            await self.announce(number)

    async def reply(self, message: MessageRef, card: Card, key: str) -> MessageRef:
        """Post a card in the thread under a message, or under the root of its thread; once per key."""
        with self._sending():
            under = await self.messages.get(_number(message))
        if under is None:
            raise MessageGone(f"Message {message.message} of {message.channel} has been deleted.")
        return await self._add(under.channel, card, key, under.parent or under.id)

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        """Send a card to one person by direct message; once per key."""
        return await self.post(f"@{handle}", card, key)

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        """The message that carries `key`, even when it has been deleted since."""
        with self._sending():
            number = await self.messages.find(channel, key, since)
        return None if number is None else MessageRef(channel, str(number))

    async def remove(self, message: MessageRef) -> None:
        """Take one of our own messages away, with every byte of it; one that is gone already is fine."""
        with self._sending():
            if gone := await self.messages.get(_number(message)):
                await self.delete(gone)
            await self.messages.settle()

    async def say(self, person: Person, channel: str, text: str, parent: int | None) -> StoredMessage | None:
        """Store what a person wrote, in the thread of `parent` if given, and show it to all who may see it."""
        under = await self.messages.get(parent) if parent else None
        root = (under.parent or under.id) if under else None
        number, _ = await self.messages.add(channel, person.handle, {"text": text}, self.clock(), parent=root)
        return await self.announce(number)

    async def delete(self, message: StoredMessage) -> None:
        """Take a message away from everyone."""
        if await self.messages.delete(message.id):
            gone = {"id": message.id, "channel": message.channel, "parent": message.parent}
            self.hub.tell("gone", gone, self.audience(message.channel))
            if message.parent:
                await self.announce(message.parent)

    async def announce(self, number: int) -> StoredMessage | None:
        """Send a message as it stands to the pages, and the root that it hangs under; None if it is gone."""
        message = await self.messages.get(number)
        if message is None:
            return None
        if message.parent:
            await self.announce(message.parent)
        self.hub.tell("message", message.json(), self.audience(message.channel))
        return message

    def word(self, person: Person, msgid: str) -> str:
        """One of the page's texts in the person's language."""
        return self.texts(person.language).get(msgid, msgid)

    def channels_of(self, person: Person) -> tuple[str, ...]:
        """The channels that a person may see, and their direct messages."""
        return (*filter(person.may_see, self.channels), f"@{person.handle}")

    def audience(self, channel: str) -> tuple[str, ...]:
        """Who may see a channel."""
        return tuple(handle for handle, person in self.people.items() if person.may_see(channel))

    async def _add(self, channel: str, card: Card, key: str, parent: int | None) -> MessageRef:
        with self._sending():
            body = {"card": card_json(card)}
            number, is_new = await self.messages.add(channel, "", body, self.clock(), key, parent)
            if is_new:
                await self.announce(number)
        return MessageRef(channel, str(number))

    def _check(self, channel: str) -> None:
        if channel.startswith("@"):
            if channel[1:] not in self.people:
                raise Refused(f"The workspace knows nobody called {channel[1:]}.")
        elif channel not in self.channels:
            raise Refused(f"The workspace has no channel called {channel}.")

    @contextmanager
    def _sending(self) -> Iterator[None]:
        """Trouble with the file means: not sent. Trying again is safe, because keys are unique."""
        try:
            yield
        except StorageError as error:
            self._trouble = f"The workspace cannot use {self._file.name}: {error}"
            raise NotSent(self._trouble) from error
        self._trouble = ""


def _number(message: MessageRef) -> int:
    if not message.message.isdecimal():
        raise MessageGone(f"There is no message {message.message!r}.")
    return int(message.message)
