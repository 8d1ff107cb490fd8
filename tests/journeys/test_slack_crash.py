"""Kill -9 at any time while the desk is in Slack: nothing is lost, nothing stands there twice for long."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.app import system_clock
from bot.healer import Healer
from storage.database import Database
from tests.fakes.chat_process import running
from tests.fakes.slack_faults import Faults
from tests.journeys.crash_world import QUEUES, SpoolOffice, World
from tests.journeys.slack_process import SlackProcess
from tests.support.desk_process import IN_SLACK, Desks
from tests.support.in_slack import quick_slack

MAILS = 500 if os.environ.get("MADOGUCHI_FULL") else 100
KILLS = int(os.environ.get("MADOGUCHI_KILLS", "4"))
SEED = int(os.environ.get("MADOGUCHI_SEED", "20261122"))
LAG = 0.15
"""Seconds; a desk's settle is longer unless it is told otherwise."""
LONG = 3.0
"""Seconds; longer than two looks are apart."""
FAULTS: dict[str, Any] = {
    "seed": SEED,
    "lost": 0.15,
    "fatal": 0.02,
    "broken": 0.05,
    "limited": 0.02,
    "retry_after": 0.2,
    "slow": 0.05,
    "methods": ["chat.postMessage", "chat.update", "conversations.history"],
}


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    with Desks(IN_SLACK) as raised:
        yield raised


@pytest.fixture
def slack() -> Iterator[SlackProcess]:
    with running(SlackProcess) as served:
        for queue in QUEUES:
            served.ask("act/add_channel", {"name": queue})
        yield served


@pytest.fixture
def world(tmp_path: Path, database_url: str, slack: SlackProcess) -> Iterator[World]:
    made = World(database_url, slack, tmp_path / "desk.log", SpoolOffice(tmp_path))
    yield made
    made.engine.dispose()


@pytest.fixture
def sqlite_world(tmp_path: Path, sqlite_url: str, slack: SlackProcess) -> Iterator[World]:
    made = World(sqlite_url, slack, tmp_path / "desk.log", SpoolOffice(tmp_path))
    yield made
    made.engine.dispose()


async def heal(world: World) -> int:
    """Let the healer look twice, as it does while the desk runs; says how many doubles it removed."""
    database = Database(world.url, system_clock)
    try:
        async with quick_slack(world.chat.port, timeout=5.0) as slack:
            healer = Healer(database, [slack], system_clock)
            return await healer.heal() + await healer.heal()
    finally:
        await database.close()


def test_desks_that_are_killed_lose_nothing_and_say_nothing_twice(world: World, desks: Desks) -> None:
    sys.stdout.write(f"seed {SEED}, {KILLS} kills\n")
    world.chat.set_faults(Faults(**FAULTS, lag=LAG))
    world.kill_again_and_again(desks, MAILS, KILLS, Random(SEED))
    world.expect_each_once()


def test_what_is_doubled_by_a_history_that_lags_longer_than_we_wait_is_healed(
    sqlite_world: World, desks: Desks
) -> None:
    sqlite_world.chat.set_faults(Faults(**FAULTS, lag=LONG))
    sqlite_world.kill_again_and_again(desks, 60, 2, Random(SEED), settle=0.05)
    doubled = (sqlite_world.cards() - Counter(sqlite_world.subjects)).total()
    sqlite_world.chat.set_faults(Faults())
    healed = asyncio.run(heal(sqlite_world))
    sys.stdout.write(f"{doubled} doubles, {healed} healed\n")
    assert healed == doubled > 0
    sqlite_world.expect_each_once()


def test_who_sends_again_without_looking_posts_twice(sqlite_world: World, desks: Desks) -> None:
    sqlite_world.chat.set_faults(Faults(**FAULTS, lag=LAG))
    sqlite_world.kill_again_and_again(desks, 80, 2, Random(SEED), naive=True)
    assert set(sqlite_world.cards()) == set(sqlite_world.subjects)
    with pytest.raises(AssertionError):
        sqlite_world.expect_each_once()
