"""Slack is down for ten minutes, in every way: all is delivered in the end, in order, once, and nobody pushes."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from adapters.slack.platform import Slack
from adapters.slack.tiers import Tiers
from bot.ports import Pace
from storage.database import Database
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_faults import Faults
from tests.journeys.conftest import OpenDesk, Setting
from tests.journeys.desk import Desk
from tests.journeys.driver import PATIENCE, SeenCard, until
from tests.journeys.outage import Office
from tests.journeys.slack_driver import SlackStage
from tests.journeys.slack_reading import seen_card
from tests.journeys.workspace_driver import WorkspacePlatform
from tests.support.hurried_loop import HurriedLoop, in_a_hurry
from tests.support.in_slack import config_for
from tests.support.texts import says

SPEED = 75.0
"""Seconds of these tests in one of the machine's: ten minutes pass in eight."""
OUTAGE = 600.0
CHANNELS = 20 if os.environ.get("MADOGUCHI_FULL") else 8
INQUIRIES, LETTERS = 10, tuple(f"letter {number}" for number in range(4))
RESTS = (1.0, 2.0, 5.0)
WRITES = ["chat.postMessage", "chat.update"]


class Workspace:
    """A fake Slack, a store, and a delivery between them, all by the loop's time."""

    def __init__(self, loop: HurriedLoop, url: str, closing: AsyncExitStack) -> None:
        self.loop = loop
        self.slack = FakeSlack(clock=lambda: loop.now().timestamp())
        database = Database(url, loop.now)
        closing.push_async_callback(database.close)
        self.office = Office(database, closing, loop.now, pause=2.0, patience=7200.0)
        self._closing = closing

    async def open(self, channels: int) -> None:
        """Serve, with so many channels."""
        for number in range(channels):
            self.slack.add_channel(f"queue{number}")
        await self.slack.open()
        self._closing.push_async_callback(self.slack.close)

    async def deliver(self, pace: Pace | None = None, tiers: Tiers | None = None) -> Slack:
        """Begin to deliver, with Slack's own times, and with its own pace and tiers when none are given."""
        config = config_for(self.slack.port, timeout=15.0, settle=timedelta(seconds=30))
        platform = Slack(config, lambda _language: {}, self.loop.now, pace, tiers)
        await platform.open()
        while platform.web.failure:  # in such a hurry the start may not have had the time to ask
            await platform.web.identify()
        self._closing.push_async_callback(platform.close)
        self.office.deliver_to(platform, RESTS)
        return platform


def test_after_ten_minutes_without_slack_all_stands_there_once_and_in_order(sqlite_url: str) -> None:
    in_a_hurry(SPEED, lambda loop: ten_minutes_without_slack(loop, sqlite_url))


async def ten_minutes_without_slack(loop: HurriedLoop, url: str) -> None:
    async with AsyncExitStack() as closing:
        workspace = Workspace(loop, url, closing)
        slack, office = workspace.slack, workspace.office
        await office.busy_queues("slack", CHANNELS, INQUIRIES, LETTERS)
        await workspace.open(CHANNELS)
        await workspace.deliver()
        ways_to_be_down = [
            Faults(limits=True, limited=1.0, retry_after=30.0),
            Faults(limits=True, broken=1.0),
            Faults(limits=True, hang=1.0),
            Faults(limits=True, lost=0.5, reset=0.5, methods=WRITES),  # what only reads, aiohttp asks again by itself
        ]
        for faults in ways_to_be_down:
            slack.set_faults(faults)
            await asyncio.sleep(OUTAGE / (len(ways_to_be_down) + 1))
        slack.release()
        await slack.close()
        await asyncio.sleep(OUTAGE / (len(ways_to_be_down) + 1))
        slack.set_faults(Faults(limits=True, lag=5.0))
        ended = loop.time()
        await slack.open()
        await office.all_is_delivered()
        sys.stdout.write(f"all delivered {loop.time() - ended:.0f} seconds after the outage\n")
        told = [one for _, _, one in slack.answers]
        assert min(told.count(one) for one in ("429", "503", "hung", "lost", "reset")) > 0
        assert (slack.impatient, slack.too_fast) == (0, 0), slack.gate.too_fast
        assert (await office.backlog()).refused == 0
        expect_all_in_order(slack)


def expect_all_in_order(slack: FakeSlack) -> None:
    """Every card once, every letter once, under its card and in the order in which it was written."""
    posted = [one for one in slack.standing() if one.bot_id]
    assert len(posted) == CHANNELS * INQUIRIES
    for channel in (f"queue{number}" for number in range(CHANNELS)):
        cards = slack.messages(channel)
        titles = {seen_card({"blocks": card.blocks}, channel).title.partition(" ")[2] for card in cards}
        assert titles == {f"{channel} inquiry {number}" for number in range(INQUIRIES)}
        for card in cards:
            quotes = [seen_card({"blocks": one.blocks}, channel).quote for one in slack.thread(channel, card.ts)]
            assert quotes == list(LETTERS)


class DeafTiers(Tiers):
    """Overhears how long Slack asks a method to rest."""

    def hold(self, method: str, seconds: float, place: str = "") -> None:
        """Forget it."""


def test_who_posts_faster_than_slack_allows_is_noticed(sqlite_url: str) -> None:
    in_a_hurry(SPEED / 10, lambda loop: hasty(loop, sqlite_url))


async def hasty(loop: HurriedLoop, url: str) -> None:
    async with AsyncExitStack() as closing:
        workspace = Workspace(loop, url, closing)
        await workspace.office.busy_queues("slack", 1, 10, ())
        await workspace.open(1)
        await workspace.deliver(Pace(per_second=1000, burst=100, settle=timedelta(seconds=30)))
        await workspace.office.all_is_delivered()
        assert workspace.slack.too_fast > 0


def test_who_overhears_retry_after_is_noticed(sqlite_url: str) -> None:
    in_a_hurry(SPEED, lambda loop: impatient(loop, sqlite_url))


async def impatient(loop: HurriedLoop, url: str) -> None:
    """Two channels ask for the same method, and the second one overhears what the first one was told."""
    async with AsyncExitStack() as closing:
        workspace = Workspace(loop, url, closing)
        slack, office = workspace.slack, workspace.office
        await workspace.open(2)
        slack.set_faults(Faults(limited=1.0, retry_after=600.0, methods=["conversations.list"]))
        await office.busy_queues("slack", 1, 1)
        await workspace.deliver(tiers=DeafTiers())
        await office.until(lambda: ("conversations.list", "", "429") in slack.answers)
        await office.busy_queues("slack", 2, 1)
        await office.until(lambda: slack.impatient > 0)


@pytest.fixture
def slack(setting: Setting) -> FakeSlack:
    assert isinstance(setting.stage, SlackStage)
    return setting.stage.slack


Act = Callable[[FakeSlack], object]
ON_ONE_SLACK = pytest.mark.parametrize("setting", ["slack_by_socket-sqlite"], indirect=True)


async def operators_are_told(desk: Desk, words: str, are_told: bool = True) -> None:
    """Wait until they are, or until they are no longer."""
    async with asyncio.timeout(PATIENCE), ClientSession() as session:
        while True:
            async with session.get(f"{desk.url}/healthz") as response:
                if (words in await response.text()) is are_told:
                    return
            await asyncio.sleep(0.02)


@ON_ONE_SLACK
@pytest.mark.parametrize(
    ("name", "break_it", "mend_it"),
    [
        ("is_archived", lambda slack: slack.archive("support"), lambda slack: slack.archive("support", False)),
        ("not_in_channel", lambda slack: slack.kick_bot("support"), lambda slack: slack.invite_bot("support")),
    ],
)
async def test_a_supervisor_hears_of_a_channel_that_refuses_and_sends_again_once_it_is_mended(
    desk: Desk, slack: FakeSlack, name: str, break_it: Act, mend_it: Act
) -> None:
    break_it(slack)
    await desk.customer().writes()
    (alarm,) = await until(desk.platform, lambda: desk.emma.whispers)
    assert says(alarm.title, "en", "alarm.title")
    assert name in alarm.words
    await operators_are_told(desk, "were refused")
    assert not desk.support.cards
    mend_it(slack)
    answer = await desk.emma.types("/retry", channel="team")
    assert says(answer.title, "en", "retry.done", count=1)
    await desk.support.shows("#1001")
    await operators_are_told(desk, "were refused", False)


@ON_ONE_SLACK
async def test_a_revoked_token_is_told_on_the_workspace_and_all_is_sent_once_there_is_another(
    open_desk: OpenDesk, slack: FakeSlack
) -> None:
    desk = await open_desk(WORKSPACE="on", WORKSPACE_CHANNELS="team", SUPERVISORS="slack:U0EMMA,workspace:emma")
    workspace = WorkspacePlatform(desk.url, ("emma",))
    await workspace.open()
    try:
        slack.set_faults(Faults(revoked="token_revoked"))
        await desk.customer().writes()
        (alarm,) = await until(workspace, lambda: workspace.cards("@emma"))
        assert says(alarm.title, "en", "alarm.title")
        assert "token_revoked" in alarm.words
        await operators_are_told(desk, "token was revoked")
        slack.set_faults(Faults())
        answer = await workspace.press("emma", alarm.buttons[0], alarm)
        assert isinstance(answer, SeenCard)
        assert says(answer.title, "en", "retry.done")
        await desk.support.shows("#1001")
        await operators_are_told(desk, "token was revoked", False)
    finally:
        await workspace.close()
