"""Kill -9 at any time: no mail is lost, no card is missing, none stands there twice."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.fakes.chat import Faults
from tests.fakes.chat_process import ChatProcess, running
from tests.journeys.crash_world import SpoolOffice, World
from tests.support.desk_process import Desks

MAILS = 500
KILLS = int(os.environ.get("MADOGUCHI_KILLS", "12"))
SEED = int(os.environ.get("MADOGUCHI_SEED", "20261122"))
FAULTS = Faults(seed=SEED, lost=0.15, broken=0.05, limited=0.02, slow=0.05, lag=0.15)


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    with Desks() as raised:
        yield raised


@pytest.fixture
def office(tmp_path: Path) -> SpoolOffice:
    return SpoolOffice(tmp_path)


@pytest.fixture
def world(tmp_path: Path, database_url: str, office: SpoolOffice) -> Iterator[World]:
    with running(ChatProcess) as chat:
        made = World(database_url, chat, tmp_path / "desk.log", office)
        yield made
        made.engine.dispose()


@pytest.fixture
def sqlite_world(tmp_path: Path, sqlite_url: str, office: SpoolOffice) -> Iterator[World]:
    with running(ChatProcess) as chat:
        made = World(sqlite_url, chat, tmp_path / "desk.log", office)
        yield made
        made.engine.dispose()


def test_desks_that_are_killed_lose_nothing_and_say_nothing_twice(world: World, desks: Desks) -> None:
    sys.stdout.write(f"seed {SEED}, {KILLS} kills\n")
    world.chat.set_faults(FAULTS)
    world.kill_again_and_again(desks, MAILS, KILLS, Random(SEED))
    world.expect_each_once()


def test_who_sends_again_without_looking_posts_twice(sqlite_world: World, desks: Desks) -> None:
    sqlite_world.chat.set_faults(FAULTS)
    desk = desks.start(sqlite_world.order(naive=True))
    sqlite_world.write(80)
    sqlite_world.finish(80)
    desks.kill(desk)
    assert set(sqlite_world.cards()) == set(sqlite_world.subjects)
    assert sqlite_world.cards().total() > 80


@pytest.mark.parametrize("done_first", [False, True], ids=["done after the commit", "done before the commit"])
def test_only_what_is_flagged_before_it_is_committed_gets_lost(
    sqlite_world: World, office: SpoolOffice, desks: Desks, done_first: bool
) -> None:
    sqlite_world.write(2)
    desk = desks.start(sqlite_world.order(thinking=True, done_first=done_first))
    taken = office.folders["parcels"] / "cur"
    flags = ":2,S" if done_first else ""
    while not list(taken.glob(f"*.madoguchi{flags}")):
        time.sleep(0.01)
    desks.kill(desk)
    sqlite_world.write(2)
    desk = desks.start(sqlite_world.order())
    sqlite_world.finish(2 if done_first else 4)
    desks.kill(desk)
    assert ("Parcel 0001" in sqlite_world.lost()) is done_first
    assert not sqlite_world.lost() & {"Parcel 0002", "Parcel 0003"}
