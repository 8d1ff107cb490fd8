"""Discord is down for ten minutes, in every way: all is delivered in the end, in order, once, and nobody pushes."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

from adapters.discord.platform import Discord
from adapters.discord.rests import Rests
from bot.ports import SendError
from storage.database import Database
from tests.adapters.discord_office import Counter, FreeLease
from tests.fakes.discord import FakeDiscord, Faults
from tests.fakes.discord_people import BOT_USER
from tests.journeys.discord_reading import seen_card
from tests.journeys.outage import Office
from tests.support.hurried_loop import HurriedLoop, in_a_hurry
from tests.support.in_discord import config_for

IS_FULL = bool(os.environ.get("MADOGUCHI_FULL"))
SPEED = 75.0
"""Seconds of these tests in one of the machine's: ten minutes pass in eight."""
OUTAGE = 600.0
CHANNELS, INQUIRIES = (8, 6) if IS_FULL else (4, 4)
LETTERS = tuple(f"letter {number}" for number in range(3))
RESTS = (1.0, 2.0, 5.0)
WRITES = ["create_message", "edit_message", "start_thread"]
FEW = 100
"""Invalid requests that a whole outage may cost; 10,000 in ten minutes ban an address."""


class Server:
    """A fake Discord, a store, and a delivery between them, all by the loop's time."""

    def __init__(self, loop: HurriedLoop, url: str, closing: AsyncExitStack) -> None:
        self.loop = loop
        self.discord = FakeDiscord(clock=lambda: loop.now().timestamp())
        self.discord.gate.grace = 2.0
        database = Database(url, loop.now)
        closing.push_async_callback(database.close)
        self.office = Office(database, closing, loop.now, pause=2.0, patience=7200.0)
        self._closing = closing

    async def open(self, channels: int) -> None:
        """Serve, with so many channels."""
        for number in range(channels):
            self.discord.add_channel(f"queue{number}")
        await self.discord.open()
        self._closing.push_async_callback(self.discord.close)

    async def deliver(self) -> Discord:
        """Begin to deliver, with Discord's own times and pace."""
        config = config_for(self.discord.port, timeout=15.0, settle=timedelta(seconds=30))
        platform = Discord(config, (), lambda _language: {}, self.loop.now, FreeLease(), Counter())
        await platform.open()
        while platform.rest.failure:  # in such a hurry the start may not have had the time to ask
            await platform.rest.identify()
        self._closing.push_async_callback(platform.close)
        self.office.deliver_to(platform, RESTS)
        return platform


def test_after_ten_minutes_without_discord_all_stands_there_once_and_in_order(sqlite_url: str) -> None:
    in_a_hurry(SPEED, lambda loop: ten_minutes_without_discord(loop, sqlite_url))


async def ten_minutes_without_discord(loop: HurriedLoop, url: str) -> None:
    async with AsyncExitStack() as closing:
        server = Server(loop, url, closing)
        discord, office = server.discord, server.office
        await office.busy_queues("discord", CHANNELS, INQUIRIES, LETTERS)
        await server.open(CHANNELS)
        await server.deliver()
        usual = Faults(limits=True)
        ways_to_be_down = [
            replace(usual, limited=1.0, retry_after=30.0),
            replace(usual, limited=1.0, retry_after=30.0, scope="global"),
            replace(usual, broken=1.0),
            replace(usual, hang=1.0),
            replace(usual, lost=0.5, reset=0.5, methods=WRITES),  # what only reads, aiohttp asks again by itself
        ]
        for faults in ways_to_be_down:
            discord.set_faults(faults)
            await asyncio.sleep(OUTAGE / (len(ways_to_be_down) + 1))
        discord.release()
        await discord.close()
        await asyncio.sleep(OUTAGE / (len(ways_to_be_down) + 1))
        discord.set_faults(replace(usual, lag=5.0))
        ended = loop.time()
        await discord.open()
        await office.all_is_delivered()
        told = [one for _, _, one in discord.answers]
        sys.stdout.write(
            f"all delivered {loop.time() - ended:.0f} seconds after the outage, {len(told)} requests, "
            f"{discord.invalid_requests} invalid, {discord.impatient} impatient, too fast: {discord.gate.too_fast}\n"
        )
        assert min(told.count(one) for one in ("429", "503", "hung", "lost", "reset")) > 0
        assert (discord.impatient, discord.too_fast) == (0, 0), discord.gate.too_fast
        assert discord.invalid_requests < FEW
        assert (await office.backlog()).refused == 0
        expect_all_in_order(discord)


def expect_all_in_order(discord: FakeDiscord) -> None:
    """Every card once, every letter once, in its card's thread and in the order in which it was written."""
    posted = [one for one in discord.standing() if one.user == BOT_USER]
    assert len(posted) == CHANNELS * INQUIRIES * (1 + len(LETTERS))
    for channel in (f"queue{number}" for number in range(CHANNELS)):
        cards = discord.messages(channel)
        titles = {seen_card({"components": card.components}, channel).title.partition(" ")[2] for card in cards}
        assert titles == {f"{channel} inquiry {number}" for number in range(INQUIRIES)}
        for card in cards:
            letters = [seen_card({"components": one.components}, channel) for one in discord.thread(card)]
            assert [one.quote for one in letters] == list(LETTERS)


class DeafRests(Rests):
    """Overhears how long Discord asks us to rest."""

    def hold(self, key: str, error: SendError, seconds: float) -> None:
        """Forget it."""


def test_who_overhears_retry_after_is_noticed(sqlite_url: str) -> None:
    in_a_hurry(SPEED, lambda loop: impatient(loop, sqlite_url))


async def impatient(loop: HurriedLoop, url: str) -> None:
    """Everything is closed, which one channel is told, and the other one does not care."""
    async with AsyncExitStack() as closing:
        server = Server(loop, url, closing)
        discord, office = server.discord, server.office
        await server.open(2)
        discord.set_faults(Faults(limited=1.0, retry_after=600.0, scope="global"))
        await office.busy_queues("discord", 1, 1)
        platform = await server.deliver()
        platform.rest._rests = DeafRests()
        await office.until(lambda: discord.invalid_requests > 0)
        await asyncio.sleep(2 * discord.gate.grace)
        await office.busy_queues("discord", 2, 1)
        await office.until(lambda: discord.impatient > 0)
