"""Two replicas whose clocks are four minutes apart go by the database's time: each step is said once, and not early."""

import os
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from bot.nudges import Nudges
from storage.database import Database
from tests.flows.naive_nudges import OwnClock
from tests.flows.sla_world import Engine, Scene, World
from tests.flows.sla_years import DAY, edges
from tests.support.clock import Clock
from tests.support.meter import Counts
from tests.support.postgres import create_database, drop_database

IS_FULL = bool(os.environ.get("MADOGUCHI_FULL"))
SCENES = 20 if IS_FULL else 2
LIVES = 8 if IS_FULL else 4
RESTARTS = 20 if IS_FULL else 4
SKEWS = (timedelta(seconds=120), timedelta(seconds=-120))
ZONE = "Europe/London"

Begin = Callable[[Database, Callable[[], datetime]], Engine]


class ServerTime(Clock):
    """The time that the database tells: a function before PostgreSQL's own in the search path reads it from a table."""

    def __init__(self, url: str, at: datetime) -> None:
        super().__init__(at)
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(self._url, autocommit=True)
        name = sql.Identifier(self._connection.info.dbname)
        for statement in (
            sql.SQL("CREATE SCHEMA virtual"),
            sql.SQL("CREATE TABLE virtual.present (at timestamptz NOT NULL)"),
            sql.SQL("INSERT INTO virtual.present VALUES (now())"),
            sql.SQL(
                "CREATE FUNCTION virtual.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE"
                " AS 'SELECT at FROM virtual.present'"
            ),
            sql.SQL("ALTER DATABASE {} SET search_path = virtual, pg_catalog, public").format(name),
        ):
            self._connection.execute(statement)

    async def becomes(self, at: datetime) -> None:
        self._connection.execute("UPDATE virtual.present SET at = %s", (at,))
        self.set(at)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def url(postgres_admin: str, postgres_template: str) -> Iterator[str]:
    """A database whose time can be told to it."""
    made = create_database(postgres_admin, template=postgres_template)
    yield made
    drop_database(postgres_admin, made)


class Replicas:
    """Two processes, each with a store of its own and the clock of its machine."""

    def __init__(self, url: str, clock: Clock, begin: Begin) -> None:
        self._url, self._clock, self._begin = url, clock, begin
        self._opened: dict[int, Database] = {}

    async def start(self, replica: int) -> Engine:
        def skewed() -> datetime:
            return self._clock() + SKEWS[replica]

        if replica in self._opened:
            await self._opened.pop(replica).close()
        database = self._opened[replica] = Database(self._url, skewed)
        return self._begin(database, skewed)

    async def stop(self) -> None:
        for one in self._opened.values():
            await one.close()


async def lived(url: str, begin: Begin, seed: int, scenes: int) -> list[Scene]:
    """Scenes at changes of the clocks, with both replicas."""
    random = Random(seed)
    chosen = sorted(random.sample(edges(ZONE), scenes))
    clock = ServerTime(url, chosen[0])
    database, replicas = Database(url, clock), Replicas(url, clock, begin)
    try:
        await clock.becomes(chosen[0] - 6 * DAY)
        world = World(ZONE, database, clock, replicas.start)
        await world.begin(replicas=2)
        played = []
        for edge in chosen:
            await clock.becomes(max(clock(), edge - 6 * DAY))
            played.append(await world.play(edge, random, LIVES, RESTARTS, jumps=False))
        return played
    finally:
        await replicas.stop()
        await database.close()
        clock.close()


def engine(database: Database, _clock: Callable[[], datetime]) -> Engine:
    return Nudges(database, Counts())


async def test_two_replicas_say_each_step_once_and_none_early(url: str) -> None:
    seed = secrets.randbits(32)
    scenes = await lived(url, engine, seed, SCENES)
    wrong = [error for scene in scenes for error in scene.errors]
    assert not wrong, (seed, len(wrong), wrong[:5])
    assert sum(len(scene.noted) for scene in scenes) > 3 * len(scenes), "something was to be said"


async def test_an_engine_that_goes_by_its_own_clock_is_found_out(url: str) -> None:
    (scene,) = await lived(url, OwnClock, 7, 1)
    assert any("too early" in error for error in scene.errors)
