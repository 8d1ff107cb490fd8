"""Kill -9 at any time: no mail is lost, no card is missing, none stands there twice."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from adapters.mail.spool import deliver
from storage.tables import inquiry, mail, outbox, placement
from tests.fakes.chat import Faults
from tests.fakes.chat_process import ChatProcess, running_chat
from tests.support.desk_process import Desks, Order

MAILS = 500
KILLS = int(os.environ.get("MADOGUCHI_KILLS", "12"))
SEED = int(os.environ.get("MADOGUCHI_SEED", "20261122"))
PATIENCE = 120.0
"""Seconds after which work that does not end counts as stuck."""
FAULTS = Faults(seed=SEED, lost=0.15, broken=0.05, limited=0.02, slow=0.05, lag=0.15)


class World:
    """Everything around the desks that outlives them: spool folders, the chat, the database; and what was sent."""

    def __init__(self, folder: Path, url: str, chat: ChatProcess) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.engine = sa.create_engine(parsed.set(drivername="sqlite") if self.is_sqlite else parsed)
        self.chat = chat
        self.folders = {name: folder / name for name in ("parcels", "returns")}
        self.log = folder / "desk.log"
        self.url = url
        self.subjects: list[str] = []

    def order(self, **kind: bool) -> Order:
        folders = tuple((name, str(path)) for name, path in self.folders.items())
        return Order(self.url, folders, self.chat.port, str(self.log), **kind)

    def write(self, count: int) -> None:
        """Customers send so many mails, some of them not for the first time."""
        for _ in range(count):
            number = len(self.subjects)
            subject = f"Parcel {number:04}"
            content = (
                f"From: Customer {number % 60} <customer{number % 60}@example.com>\r\nTo: desk@example.com\r\n"
                f"Subject: {subject}\r\nMessage-ID: <{number}@example.com>\r\n\r\nWhere is {subject}?\r\n"
            )
            deliver(self.folders["parcels" if number % 2 else "returns"], content.encode())
            self.subjects.append(subject)

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(query))

    def finish(self, expected: int) -> None:
        """Wait until so many mails are read and nothing is on its way."""
        deadline = time.monotonic() + PATIENCE
        while not self.is_quiet(expected):
            assert time.monotonic() < deadline, f"stuck: {self.state()}\n{self.log.read_text()[-3000:]}"
            time.sleep(0.05)

    def is_quiet(self, expected: int) -> bool:
        read = self.rows(sa.select(sa.func.count()).select_from(mail).where(mail.c.outcome != ""))[0][0]
        waiting = self.rows(sa.select(sa.func.count()).select_from(outbox).where(outbox.c.state != "done"))[0][0]
        return bool(read >= expected and not waiting)

    def state(self) -> dict[str, object]:
        mails = self.rows(sa.select(mail.c.outcome, sa.func.count()).group_by(mail.c.outcome))
        waiting = self.rows(sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state))
        return {"mails": dict(map(tuple, mails)), "outbox": dict(map(tuple, waiting)), "sent": len(self.subjects)}

    def cards(self) -> Counter[str]:
        """How many cards of each subject stand in the chat."""
        return Counter(" ".join(one["card"]["title"].split()[1:]) for one in self.chat.messages())

    def lost(self) -> set[str]:
        return set(self.subjects) - {subject for (subject,) in self.rows(sa.select(inquiry.c.subject))}


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    with Desks() as raised:
        yield raised


@pytest.fixture(scope="module")
def chat_process() -> Iterator[ChatProcess]:
    with running_chat() as chat:
        yield chat


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    with running_chat() as chat:
        made = World(tmp_path, database_url, chat)
        yield made
        made.engine.dispose()


@pytest.fixture
def sqlite_world(tmp_path: Path, sqlite_url: str) -> Iterator[World]:
    with running_chat() as chat:
        made = World(tmp_path, sqlite_url, chat)
        yield made
        made.engine.dispose()


def test_desks_that_are_killed_lose_nothing_and_say_nothing_twice(world: World, desks: Desks) -> None:
    random = Random(SEED)
    sys.stdout.write(f"seed {SEED}, {KILLS} kills\n")
    world.chat.set_faults(FAULTS)
    replicas = [desks.start(world.order()) for _ in range(1 if world.is_sqlite else 2)]
    for kills in range(KILLS):
        due = MAILS * (kills + 1) // (KILLS + 1) - len(world.subjects)
        world.write(due // 2)
        time.sleep(random.uniform(0.02, 0.5))
        world.write(due - due // 2)
        time.sleep(random.uniform(0.02, 0.3))
        victim = random.randrange(len(replicas))
        desks.kill(replicas[victim])
        replicas[victim] = desks.start(world.order())
    world.write(MAILS - len(world.subjects))
    world.finish(MAILS)
    assert [desks.stop(pid) for pid in replicas] == [0] * len(replicas)

    assert Counter(subject for (subject,) in world.rows(sa.select(inquiry.c.subject))) == Counter(world.subjects)
    assert world.cards() == Counter(world.subjects)
    assert world.state() == {"mails": {"opened": MAILS}, "outbox": {"done": MAILS}, "sent": MAILS}
    standing = {(one["channel"], str(one["id"])) for one in world.chat.messages()}
    placed = world.rows(sa.select(placement.c.posted_in, placement.c.message))
    assert {tuple(row) for row in placed} == standing
    if world.is_sqlite:
        with world.engine.connect() as connection:
            assert connection.exec_driver_sql("pragma integrity_check").scalar() == "ok"


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
    sqlite_world: World, desks: Desks, done_first: bool
) -> None:
    sqlite_world.write(2)
    desk = desks.start(sqlite_world.order(thinking=True, done_first=done_first))
    taken = sqlite_world.folders["parcels"] / "cur"
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
