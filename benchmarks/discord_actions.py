"""Actions from Discord: how many a second our listeners take in, beside bare discord.py."""

import asyncio
import gc
import json
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import aiohttp
import discord

from adapters.discord.client import INTERACTION, GatewayClient
from adapters.discord.config import DiscordConfig
from adapters.discord.invocations import Heard
from adapters.discord.listeners import Listeners
from adapters.discord.platform import Discord
from adapters.discord.render import card_view
from adapters.discord.rest import addressed
from adapters.operations.metrics import Metrics
from benchmarks.counting import Counting
from benchmarks.databases import databases
from benchmarks.table import Figure, ratio, show
from bot.chat.card import Button, Card
from bot.chat.invocation import Answer, Invocation, call
from bot.dispatch import Dispatch
from bot.domain.agent import Role
from bot.domain.inquiry import Inquiry
from bot.ports import Handle, Place
from bot.translator import Translator
from commands import COMMANDS
from storage.database import Database
from tests.adapters.discord_office import Counter, FreeLease
from tests.builders import a_message, a_queue, opened
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import GUILD, TOKEN, FakeDiscord
from tests.fakes.discord_callbacks import COMPONENT
from tests.fakes.discord_components import BUTTON
from tests.fakes.discord_people import BOT_USER, KEN, SUPPORT
from tests.fakes.discord_things import COMPONENTS_V2
from tests.fakes.discord_world import World

ACTIONS = 500
ROUNDS = 7
GOAL = 0.75
MARK = "aaaaaaaa"
WORD = Card(title="Done.", summary="Done.")
COMPARED = (
    "The same interactions as the gateway tells them, without a socket: JSON, discord.py's parsing, its dispatch to a "
    "dynamic item; ours is done when the call has been carried out. Words go to a fake Discord in this process."
)


def main() -> None:
    """Run on SQLite and print a table."""
    with databases() as urls:
        show("Actions from Discord", asyncio.run(_rates(urls["SQLite"])), [COMPARED])


@dataclass
class Contender:
    """A client that takes interactions in; `desk` is where they end up. `answers`: it also answers each of them."""

    client: discord.Client
    desk: Counting
    answers: bool = False

    def take(self, told: str) -> None:
        """What the client does with an event that its connection has received."""
        self.client._connection.parsers[INTERACTION](json.loads(told))


class Nothing(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r".+"):
    """A handler that does nothing but to say that it was reached."""

    def __init__(self, item: discord.ui.Button[Any]) -> None:
        super().__init__(item)

    @classmethod
    async def from_custom_id(cls, heard: Heard, item: discord.ui.Item[Any], match: re.Match[str], /) -> "Nothing":
        assert isinstance(item, discord.ui.Button)
        return cls(item)

    async def callback(self, heard: Heard) -> None:
        heard.client.reached()


class Word(Nothing, template=r".+"):
    """A handler that says a word."""

    async def callback(self, heard: Heard) -> None:
        await heard.response.send_message(view=card_view(WORD, ""), ephemeral=True)
        heard.client.reached()


class Bare(discord.Client):
    """discord.py with one handler for whatever is pressed."""

    def __init__(self, reached: Callable[[], None], handler: type[Nothing]) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.reached = reached
        self.add_dynamic_items(handler)


class Answering(Counting):
    """A desk that says a word."""

    async def call(self, invocation: Invocation) -> Answer | None:
        await super().call(invocation)
        return WORD


async def _rates(url: str) -> list[Figure]:
    async with AsyncExitStack() as closing:
        database = Database(url, _clock)
        closing.push_async_callback(database.close)
        inquiry = await _an_inquiry(database)
        dispatch = Dispatch(database, COMMANDS, Translator(), _clock, Metrics(), "en", "UTC")
        server = FakeDiscord()
        await server.open()
        closing.push_async_callback(server.close)
        config = DiscordConfig(TOKEN, GUILD, api_url=server.api_url)
        addressed(config)
        contenders = {
            "ours": _ours(config, Counting(), closing),
            "bare": _bare(Nothing),
            "ours answering": _ours(config, Answering(), closing, answers=True),
            "bare answering": _bare(Word, answers=True),
            "whole": _ours(config, Counting(dispatch), closing),
        }
        for one in contenders.values():
            await one.client.login(TOKEN)
            closing.push_async_callback(one.client.close)
        rates: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(ROUNDS + 1):
            for name, contender in contenders.items():
                rates[name].append(await _rate(server, inquiry, contender))
    ours, bare, answering, bare_answering, whole = (values[1:] for values in rates.values())  # the first warms up
    goal = f"at least {GOAL:.0%}"
    told = f"ours is {ratio(answering, bare_answering):.0%}"
    return [
        Figure("our listeners, a desk that says a word", answering, "actions/s"),
        Figure("bare discord.py, a handler that says a word", bare_answering, "actions/s", told, goal),
        Figure("our listeners, a desk that does nothing", ours, "actions/s"),
        Figure("bare discord.py, a handler that does nothing", bare, "actions/s", f"ours is {ratio(ours, bare):.0%}"),
        Figure("our listeners and dispatch, a press of Show", whole, "actions/s", f"{ratio(whole, bare):.0%} of bare"),
    ]


async def _an_inquiry(database: Database) -> Inquiry:
    await a_queue(database, "support", Place("discord", SUPPORT))
    async with database.transaction() as tx:
        await tx.agents.enrol(Handle("discord", KEN), "Ken", Role.AGENT, "en", "UTC")
    (inquiry,) = await opened(database, a_message())
    return inquiry


def _bare(handler: type[Nothing], answers: bool = False) -> Contender:
    nothing = Counting()
    return Contender(Bare(nothing.count, handler), nothing, answers)


def _ours(config: DiscordConfig, desk: Counting, closing: AsyncExitStack, answers: bool = False) -> Contender:
    platform = Discord(config, (), lambda _language: {}, _clock, FreeLease(), Counter())
    listeners = Listeners(platform.people, platform, lambda _language: {}, desk)
    closing.push_async_callback(listeners.close)
    client = GatewayClient(listeners, (), _introduced, lambda _hears: None, aiohttp.TraceConfig())
    return Contender(client, desk, answers)


async def _introduced() -> None:
    """Nobody needs to know."""


async def _rate(server: FakeDiscord, inquiry: Inquiry, contender: Contender) -> float:
    """Actions per second."""
    events = _pressed(server.world, inquiry)
    server.answers.clear()
    contender.desk.expect(ACTIONS)
    gc.collect()
    begun = perf_counter()
    for told in events:
        contender.take(told)
        await asyncio.sleep(0)  # as when an event is waited for: what began before may go on
    await contender.desk.done()
    while contender.answers and len(server.answers) < ACTIONS:  # noqa: ASYNC110 - answers set no event
        await asyncio.sleep(0.001)
    if [one for _, _, one in server.answers] != ["ok"] * ACTIONS * contender.answers:
        raise RuntimeError("not every action was answered")
    return ACTIONS / (perf_counter() - begun)


def _pressed(world: World, inquiry: Inquiry) -> list[str]:
    """What Discord tells when Ken presses Show on a card, again and again."""
    custom_id = f"{call('show', inquiry.number, inquiry.version)}|{MARK}"
    shown = Card(title="Parcel", buttons=(Button("Show", call("show", inquiry.number, inquiry.version)),), summary="")
    components = card_view(shown, "", MARK).to_components()  # type: ignore[no-untyped-call]
    card = world.add(SUPPORT, BOT_USER, "", components=components, flags=COMPONENTS_V2)
    data = payloads.pressed(world, {"type": BUTTON, "custom_id": custom_id, "id": 3}, [])
    message = world.told(card)
    return [
        json.dumps(payloads.interaction(world, world.interact(COMPONENT, KEN, SUPPORT, card.id), data, message))
        for _ in range(ACTIONS)
    ]


def _clock() -> datetime:
    return datetime.now(UTC)
