"""Kill -9 at any time while the desk is in Discord: nothing is lost, nothing stands there twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.discord_faults import Faults
from tests.journeys.chat_crash import (
    KILLS,
    LAG,
    MAILS,
    expect_doubles_without_looking,
    expect_each_once_after,
    faults_on,
    world_in,
)
from tests.journeys.crash_world import World
from tests.journeys.discord_process import DiscordProcess
from tests.support.desk_process import IN_DISCORD, Desks

FAULTS = Faults(**faults_on(["create_message", "edit_message", "get_messages"]), lag=LAG)
FEW = (50, 3)
"""Mails and kills on SQLite: after each answer that is lost, a channel rests for a second."""


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    with Desks(IN_DISCORD) as raised:
        yield raised


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world_in(DiscordProcess, database_url, tmp_path) as made:
        yield made


@pytest.fixture
def sqlite_world(tmp_path: Path, sqlite_url: str) -> Iterator[World]:
    with world_in(DiscordProcess, sqlite_url, tmp_path) as made:
        yield made


def test_desks_that_are_killed_lose_nothing_and_say_nothing_twice(world: World, desks: Desks) -> None:
    world.chat.set_faults(FAULTS)
    mails, kills = FEW if world.is_sqlite else (MAILS, KILLS)
    expect_each_once_after(world, desks, mails, kills, rest=0.15)


def test_who_sends_again_without_looking_posts_twice(sqlite_world: World, desks: Desks) -> None:
    sqlite_world.chat.set_faults(FAULTS)
    expect_doubles_without_looking(sqlite_world, desks, FEW[0])
