"""Ten years of nudges in five zones: each step once, none early, none outside hours, whatever clocks do."""

import os
import secrets
from collections.abc import Callable
from datetime import datetime
from random import Random

import pytest

from bot.auditor import Auditor
from bot.nudges import Nudges
from storage.database import Database
from tests.flows.naive_nudges import TimersInMemory
from tests.flows.sla_world import Engine, Scene, World
from tests.flows.sla_years import COUNTRIES, DAY, edges
from tests.support.clock import Clock
from tests.support.meter import Counts

IS_FULL = bool(os.environ.get("MADOGUCHI_FULL"))
SCENES = int(os.environ.get("MADOGUCHI_SCENES", "12" if IS_FULL else "5"))
"""How many of the moments of note of each zone are lived through."""
LIVES = 8 if IS_FULL else 6
RESTARTS = 30 if IS_FULL else 12
"""Minutes before and after a moment of note in each of which the process is started anew."""

Begin = Callable[[Database], Engine]


class VirtualTime(Clock):
    """The tests' clock, for a world on SQLite."""

    async def becomes(self, at: datetime) -> None:
        self.set(at)


class Processes:
    """One process after another on a SQLite file, each with a store and an engine of its own."""

    def __init__(self, url: str, clock: Clock, begin: Begin) -> None:
        self._url, self._clock, self._begin = url, clock, begin
        self._opened: list[Database] = []

    async def start(self, _replica: int) -> Engine:
        await self.stop()
        self._opened = [Database(self._url, self._clock)]
        return self._begin(self._opened[0])

    async def stop(self) -> None:
        for one in self._opened:
            await one.close()


async def years(
    url: str, zone: str, begin: Begin, seed: int, scenes: int = SCENES, is_audited: bool = True
) -> list[Scene]:
    """The scenes of a zone, one after the other, over one database."""
    random, moments = Random(f"{seed} {zone}"), edges(zone)
    chosen = sorted(random.sample(moments, min(scenes, len(moments))))
    clock = VirtualTime(chosen[0])
    database, processes = Database(url, clock), Processes(url, clock, begin)
    try:
        world = World(zone, database, clock, processes.start)
        await world.begin()
        world.auditor = Auditor(database, rest=at_once) if is_audited else None
        played = []
        for edge in chosen:
            await clock.becomes(max(clock(), edge - 6 * DAY))
            played.append(await world.play(edge, random, LIVES, RESTARTS, jumps=True))
        return played
    finally:
        await processes.stop()
        await database.close()


async def at_once(_seconds: float) -> None:
    """Nobody waits in tests."""


def engine(database: Database) -> Engine:
    return Nudges(database, Counts())


@pytest.mark.parametrize("zone", COUNTRIES)
async def test_each_step_is_said_once_in_ten_years(zone: str, sqlite_url: str) -> None:
    seed = secrets.randbits(32)
    scenes = await years(sqlite_url, zone, engine, seed)
    wrong = [error for scene in scenes for error in scene.errors]
    assert not wrong, (seed, len(wrong), wrong[:5])
    assert sum(len(scene.noted) for scene in scenes) > 3 * len(scenes), "something was to be said"


async def test_timers_in_memory_are_found_out_by_restarts(sqlite_url: str) -> None:
    scenes = await years(sqlite_url, "Europe/London", TimersInMemory, 7, 3, is_audited=False)
    assert any("not said" in error for scene in scenes for error in scene.errors)
