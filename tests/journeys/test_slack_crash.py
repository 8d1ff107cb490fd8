"""Kill -9 at any time while the desk is in Slack: nothing is lost, nothing stands there twice for long."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from bot.app import system_clock
from bot.healer import Healer
from storage.database import Database
from tests.fakes.slack_faults import Faults
from tests.journeys.chat_crash import (
    KILLS,
    LAG,
    MAILS,
    SEED,
    expect_doubles_without_looking,
    expect_each_once_after,
    faults_on,
    world_in,
)
from tests.journeys.crash_world import World
from tests.journeys.slack_process import SlackProcess
from tests.support.desk_process import IN_SLACK, Desks
from tests.support.in_slack import quick_slack

LONG = 3.0
"""Seconds; longer than two looks are apart."""
FAULTS = faults_on(["chat.postMessage", "chat.update", "conversations.history"])


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    with Desks(IN_SLACK) as raised:
        yield raised


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world_in(SlackProcess, database_url, tmp_path) as made:
        yield made


@pytest.fixture
def sqlite_world(tmp_path: Path, sqlite_url: str) -> Iterator[World]:
    with world_in(SlackProcess, sqlite_url, tmp_path) as made:
        yield made


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
    world.chat.set_faults(Faults(**FAULTS, lag=LAG))
    expect_each_once_after(world, desks, MAILS, KILLS)


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
    expect_doubles_without_looking(sqlite_world, desks)
