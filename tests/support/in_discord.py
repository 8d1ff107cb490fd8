"""Desks in the fake Discord: the real adapter, with times short enough for tests."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from discord.http import Route

from adapters.discord.config import DiscordConfig
from adapters.discord.errors import Act
from adapters.discord.marks import mark_of
from adapters.discord.platform import Discord
from bot.app import App
from bot.chat.card import Card
from bot.discord_settings import DiscordSettings
from bot.ports import MessageRef, Pace
from tests.fakes.discord import GUILD, TOKEN

QUICK = Pace(per_second=2000.0, burst=100, settle=timedelta(milliseconds=20))


class NaiveDiscord(Discord):
    """Sends without a nonce, and again without looking."""

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        return None

    async def _send(self, channel: str, card: Card, key: str, act: Act, where: str = "", **more: Any) -> MessageRef:
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
        told = await self.rest.ask(route, act, where, json={**self._drawn(card, mark_of(key)), **more})
        return MessageRef(channel, str(told["id"]))


def settings_for(port: int) -> DiscordSettings:
    """What an operator sets for the fake Discord on a port of this machine."""
    here = f"127.0.0.1:{port}"
    return DiscordSettings(
        token=TOKEN, guild=GUILD, api_url=f"http://{here}/api/v10", gateway_url=f"ws://{here}/gateway"
    )


def hurry(app: App, pace: Pace = QUICK, timeout: float = 5.0, naive: bool = False) -> None:
    """Let a desk that does not run yet go at this pace in Discord; a request may take `timeout` seconds."""
    chats = app._chats
    usual = chats.discord
    assert usual is not None
    config = replace(usual.config, timeout=timeout, settle=pace.settle)
    kind = NaiveDiscord if naive else Discord
    chats.discord = kind(config, usual._commands, usual._texts, app.clock, usual._lease, usual._identifies, pace)
    chats._all = [chats.discord if one is usual else one for one in chats._all]
    app.platforms = chats.all


def config_for(port: int, timeout: float, settle: timedelta) -> DiscordConfig:
    """How the adapter is told of the fake Discord on a port of this machine, to send only."""
    return DiscordConfig(TOKEN, GUILD, settle=settle, api_url=f"http://127.0.0.1:{port}/api/v10", timeout=timeout)
