"""The driver of Discord: it acts on the fake Discord as people do, and reads what they see there."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from adapters.discord.names import name_of
from adapters.workspace.people import SAMPLE_PEOPLE
from bot.chat.command import Kind, two_worded, typed_options
from commands import COMMANDS
from tests.fakes.discord import FakeDiscord, Modal, Outcome, Posted
from tests.fakes.discord_people import BOT_USER, EMMA, HANA, KEN
from tests.journeys.discord_reading import seen_card, seen_form
from tests.journeys.driver import Platform, Seen, SeenButton, SeenCard, SeenForm, until

ON_DISCORD = {"hana": HANA, "ken": KEN, "emma": EMMA}
NAMES = {one.handle: one.name for one in SAMPLE_PEOPLE}


class DiscordPlatform:
    """`tests.journeys.driver.Platform` over the fake Discord."""

    def __init__(self, discord: FakeDiscord) -> None:
        self._discord = discord

    async def open(self) -> None:
        """Return when the desk knows everybody by name."""
        for one in SAMPLE_PEOPLE:
            while not await self._is_known(one.handle):  # noqa: ASYNC110 - what Discord says of people sets no event
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        """Discord itself stays."""

    def cards(self, channel: str) -> list[SeenCard]:
        here = self._discord.direct(channel[1:]) if channel.startswith("@") else self._discord.messages(channel)
        return [_card(one, channel) for one in here if one.user == BOT_USER and one.components]

    def thread(self, card: SeenCard) -> list[SeenCard]:
        under = self._discord.thread(card.message)
        return [_card(one, card.channel) for one in under if one.user == BOT_USER and one.components]

    async def type(self, user: str, channel: str, line: str, under: SeenCard | None) -> Seen:
        """A slash command with its options, which Discord asks for one by one; people are named as it suggests them."""
        first, words = [*line[1:].replace("\N{IDEOGRAPHIC SPACE}", " ").split(maxsplit=1), ""][:2]
        verb, rest = two_worded(first.lower(), words, [one.name for one in COMMANDS])
        command = next(one for one in COMMANDS if one.name == verb)
        offered = [one for one in command.options if not (under and one.kind is Kind.INQUIRY and not _has_number(rest))]
        members = {one.name for one in command.options if one.kind is Kind.MEMBER}
        options = {
            name: value.lstrip("@") if name in members else re.sub(r"@(\w+)", _name, value)
            for name, value in typed_options(rest, offered).items()
        }
        place = under.message if under else channel
        while place.isdecimal() and place not in self._discord.world.channels:  # its thread is just being started
            await self.news()
        return await self._asked(user, channel, lambda: self._discord.command(user, place, name_of(verb), options))

    async def press(self, user: str, button: SeenButton, on: SeenCard) -> Seen:
        return await self._asked(
            user, on.channel, lambda: self._discord.press(user, on.channel, on.message, button.call)
        )

    async def submit(self, user: str, form: SeenForm, inputs: Mapping[str, str]) -> Seen:
        modal = next(one for one in self._discord.modals(user) if _form(one, form.channel) == form)
        return await self._asked(user, form.channel, lambda: self._discord.submit(user, modal, inputs))

    async def delete(self, user: str, card: SeenCard) -> None:
        """Delete a message, as a moderator may."""
        self._discord.delete(card.channel, card.message)

    async def news(self) -> None:
        await self._discord.news()

    async def _is_known(self, user: str) -> bool:
        seen = await self.type(user, "team", "/team", None)
        assert isinstance(seen, SeenCard)
        return NAMES[user] in seen.words

    async def _asked(self, user: str, channel: str, act: Callable[[], Awaitable[Outcome]]) -> Seen:
        """Do something, and wait for what appears for this person alone."""
        before = max((one.seen for one in self._private(user)), default=0)
        outcome = await act()
        assert outcome.acked is not None, outcome
        assert not outcome.errors, outcome
        fresh = await until(
            self,
            lambda: [one for one in self._private(user) if one.seen > before] or False,
            lambda: f"{user} was told nothing",
        )
        newest = max(fresh, key=lambda one: one.seen)
        return _form(newest, channel) if isinstance(newest, Modal) else _card(newest, channel)

    def _private(self, user: str) -> list[Posted | Modal]:
        told = [one for one in self._discord.ephemerals(user) if not one.is_loading]
        return [*told, *self._discord.modals(user)]


class DiscordStage:
    """A Discord server of its own."""

    name = "discord"

    def __init__(self) -> None:
        self.discord = FakeDiscord()
        for one in SAMPLE_PEOPLE:
            self.discord.world.users[ON_DISCORD[one.handle]].nick = one.name

    async def open(self, queues: tuple[str, ...]) -> None:
        for queue in queues:
            if queue not in ("support", "returns", "team"):
                self.discord.add_channel(queue)
        await self.discord.open()

    async def close(self) -> None:
        await self.discord.close()

    def settings(self, folder: Path, queues: tuple[str, ...]) -> dict[str, str]:
        return {
            "DATA_FOLDER": str(folder / "data"),
            "QUEUE_CHANNELS": ",".join(f"{queue}=discord:{queue}" for queue in queues),
            "DISCORD__TOKEN": self.discord.token,
            "DISCORD__GUILD": self.discord.guild,
            "DISCORD__API_URL": self.discord.api_url,
            "DISCORD__GATEWAY_URL": self.discord.gateway_url,
            "DISCORD__SETTLE_SECONDS": "0.2",
        }

    def handle(self, person: str) -> str:
        return ON_DISCORD[person]

    def mention(self, person: str) -> str:
        return NAMES[person]

    async def seat(self, desk_url: str) -> Platform:
        await self.discord.gateway.connected_to(1)
        while not self.discord.commands():  # noqa: ASYNC110 - what is registered sets no event
            await asyncio.sleep(0.02)
        platform = DiscordPlatform(self.discord)
        await platform.open()
        return platform


def _card(one: Posted, channel: str) -> SeenCard:
    return seen_card({"id": one.id, "components": one.components}, channel)


def _form(one: Modal, channel: str) -> SeenForm:
    modal = {"title": one.title, "custom_id": one.custom_id, "components": one.components}
    return seen_form(modal, channel, one.message)


def _has_number(words: str) -> bool:
    first, *_ = [*words.split(), ""]
    return first.lstrip("#＃").isdecimal()


def _name(mention: re.Match[str]) -> str:
    return NAMES.get(mention[1], mention[0])
