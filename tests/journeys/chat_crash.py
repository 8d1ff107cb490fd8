"""What desks in Slack and in Discord go through when they are killed, the same in both."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.fakes.chat_process import ServedChat, running
from tests.journeys.crash_world import QUEUES, SpoolOffice, World
from tests.support.desk_process import Desks

MAILS = 500 if os.environ.get("MADOGUCHI_FULL") else 100
KILLS = min(int(os.environ.get("MADOGUCHI_KILLS", "4")), 50)
"""At most half of what the plain chat goes through: intake, which is the same, is killed there."""
SEED = int(os.environ.get("MADOGUCHI_SEED", "20261122"))
LAG = 0.15
"""Seconds; a desk's settle is longer unless it is told otherwise."""


def faults_on(methods: Sequence[str]) -> dict[str, Any]:
    """What befalls these methods: an answer in seven is lost, and more."""
    return {
        "seed": SEED,
        "lost": 0.15,
        "fatal": 0.02,
        "broken": 0.05,
        "limited": 0.02,
        "retry_after": 0.2,
        "slow": 0.05,
        "methods": [*methods],
    }


@contextmanager
def world_in(kind: type[ServedChat], database_url: str, folder: Path) -> Iterator[World]:
    """A world around a fresh chat of that kind, in which each queue has its channel, until the end of the block."""
    with running(kind) as served:
        for queue in [one for one in QUEUES if one not in kind.there]:
            served.ask("act/add_channel", {"name": queue})
        made = World(database_url, served, folder / "desk.log", SpoolOffice(folder))
        try:
            yield made
        finally:
            made.engine.dispose()


def expect_each_once_after(world: World, desks: Desks, mails: int, kills: int, rest: float = 0.3) -> None:
    """Kill desks again and again: nothing is lost, nothing stands there twice.

    They are killed `rest` seconds after the last mail at the latest.
    """
    sys.stdout.write(f"seed {SEED}, {kills} kills\n")
    world.kill_again_and_again(desks, mails, kills, Random(SEED), (0.02, rest))
    world.expect_each_once()


def expect_doubles_without_looking(world: World, desks: Desks, mails: int = 80) -> None:
    """Desks that send again without looking lose nothing, and are found out."""
    world.kill_again_and_again(desks, mails, 2, Random(SEED), naive=True)
    assert set(world.cards()) == set(world.subjects)
    with pytest.raises(AssertionError):
        world.expect_each_once()
