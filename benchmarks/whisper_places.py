"""Platforms that note when they have a whisper: the workspace, and Slack and Discord over HTTP, with their people."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from adapters.discord.config import DiscordConfig
from adapters.discord.platform import Discord
from adapters.discord.rest import addressed
from adapters.slack.config import SlackConfig
from adapters.slack.platform import Slack
from adapters.workspace.people import Person
from adapters.workspace.platform import Workspace
from bot.chat.card import Card
from bot.notices import NoticeKind
from bot.ports import MessageRef
from tests.adapters.discord_office import Counter, FreeLease
from tests.fakes.discord import GUILD, TOKEN, FakeDiscord
from tests.fakes.discord_people import DiscordUser
from tests.fakes.slack import BOT_TOKEN, FakeSlack
from tests.fakes.slack_people import SlackUser

CHANNELS, PEOPLE = 10, 9


class Heard:
    """Notes when a platform has a whisper: it has said so."""

    heard: asyncio.Queue[float]

    async def whisper(self, handle: str, card: Card, key: str) -> MessageRef:
        at: MessageRef = await super().whisper(handle, card, key)  # type: ignore[misc]
        if key.startswith(NoticeKind.ADVICE):
            self.heard.put_nowait(perf_counter())
        return at


class HeardWorkspace(Heard, Workspace):
    """The workspace, which notes when it has a whisper."""


class HeardSlack(Heard, Slack):
    """Slack, which notes when it has a whisper."""


class HeardDiscord(Heard, Discord):
    """Discord, which notes when it has a whisper."""


Platform = HeardWorkspace | HeardSlack | HeardDiscord


Opened = AsyncIterator[tuple[Platform, dict[str, str], tuple[str, ...]]]
"""A platform, who is there by their names, and its channels."""


@asynccontextmanager
async def workspace() -> Opened:
    """Workspace, open."""
    people = {name: name for name in names()}
    channels = tuple(f"channel{number}" for number in range(CHANNELS))
    persons = [Person(one, one.title(), "supervisor" if one == "emma" else "agent", "en", "UTC") for one in people]
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        platform = HeardWorkspace(Path(folder), channels, persons, None, _clock, lambda _: {}, lambda _: ())
        async with _open(platform):
            yield platform, people, channels


@asynccontextmanager
async def slack() -> Opened:
    """Slack, open."""
    server = FakeSlack()
    await server.open()
    people = {name: f"U0{name.upper()}" for name in names()}
    for name, user in people.items():
        server.world.users[user] = SlackUser(user, name, name.title())
    channels = tuple(server.add_channel(f"channel{number}").id for number in range(CHANNELS))
    config = SlackConfig(BOT_TOKEN, settle=timedelta(seconds=30), api_url=server.api_url, timeout=15.0)
    try:
        async with _open(platform := HeardSlack(config, lambda _: {}, _clock)):
            for user in people.values():  # whoever is on a call has had its card: the direct messages are open
                await platform.channels.id_of(f"@{user}")
            yield platform, people, channels
    finally:
        await server.close()


@asynccontextmanager
async def discord() -> Opened:
    """Discord, open."""
    server = FakeDiscord()
    await server.open()
    people = {name: server.world.snowflake() for name in names()}
    for name, user in people.items():
        server.world.users[user] = DiscordUser(user, name)
    channels = tuple(server.add_channel(f"channel{number}").id for number in range(CHANNELS))
    config = DiscordConfig(TOKEN, GUILD, api_url=server.api_url, timeout=15.0)
    addressed(config)
    try:
        async with _open(platform := HeardDiscord(config, (), lambda _: {}, _clock, FreeLease(), Counter())):
            for user in people.values():
                await platform.channels.id_of(f"@{user}")
            yield platform, people, channels
    finally:
        await server.close()


@asynccontextmanager
async def _open(platform: Platform) -> AsyncIterator[None]:
    platform.heard = asyncio.Queue()
    await platform.open()
    try:
        yield
    finally:
        await platform.close()


def names() -> list[str]:
    """A supervisor, and the agents."""
    return ["emma", *(f"agent{number}" for number in range(PEOPLE))]


def _clock() -> datetime:
    return datetime.now(UTC)
