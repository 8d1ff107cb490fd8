"""Desks in the fake Slack: the real adapter, with times short enough for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.slack.config import SlackConfig
from adapters.slack.platform import Slack
from adapters.slack.tiers import Tiers
from bot.app import App, system_clock
from bot.ports import MessageRef, Pace
from bot.slack_settings import SlackSettings
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET

SECOND = 0.001
"""How long Slack's second lasts where tests do not ask about its tiers."""
QUICK = Pace(per_second=2000.0, burst=100, settle=timedelta(milliseconds=20))


class NaiveSlack(Slack):
    """Sends again without looking."""

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        return None


def settings_for(port: int, by_http: bool = False) -> SlackSettings:
    """What an operator sets for the fake Slack on a port of this machine."""
    api_url = f"http://127.0.0.1:{port}/api/"
    if by_http:
        return SlackSettings(bot_token=BOT_TOKEN, signing_secret=SIGNING_SECRET, api_url=api_url)
    return SlackSettings(bot_token=BOT_TOKEN, app_token=APP_TOKEN, api_url=api_url)


def hurry(app: App, pace: Pace = QUICK, timeout: float = 5.0, naive: bool = False) -> None:
    """Let a desk that does not run yet go at this pace in Slack; a request may take `timeout` seconds."""
    chats = app._chats
    usual = chats.slack
    assert usual is not None
    config = replace(usual.config, timeout=timeout, settle=pace.settle)
    kind = NaiveSlack if naive else Slack
    chats.slack = kind(config, usual._texts, app.clock, pace, Tiers(second=SECOND))
    chats._all = [chats.slack if one is usual else one for one in chats._all]
    app.platforms = chats.all


def hurry_chats(app: App) -> None:
    """Let a desk that does not run yet go at a test's pace on whatever platforms it has."""
    if app._chats.slack:
        hurry(app)
    if app._chats.discord:
        app._chats.discord.pace = QUICK


def config_for(port: int, timeout: float, settle: timedelta) -> SlackConfig:
    """How the adapter is told of the fake Slack on a port of this machine, to send only."""
    return SlackConfig(BOT_TOKEN, settle=settle, api_url=f"http://127.0.0.1:{port}/api/", timeout=timeout)


@asynccontextmanager
async def quick_slack(port: int, timeout: float = 1.0, pace: Pace = QUICK) -> AsyncIterator[Slack]:
    """The adapter alone, open, to send and to look; it hears nobody."""
    config = config_for(port, timeout, pace.settle)
    slack = Slack(config, lambda _language: {}, system_clock, pace, Tiers(second=SECOND))
    await slack.open()
    try:
        yield slack
    finally:
        await slack.close()
