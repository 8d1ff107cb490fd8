"""Kill -9 at any time while mail comes in over IMAP: each mail becomes one inquiry and one card."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.fakes.chat import Faults
from tests.fakes.chat_process import ChatProcess, running
from tests.journeys.crash_world import ImapOffice, ImapThread, World, imap_thread
from tests.support.certificate import make_certificate
from tests.support.desk_process import Desks
from tests.support.dovecot import HOW_TO_GET, Dovecot, dovecot_server
from tests.support.mailboxes import MailServer
from tests.support.needs import need

MAILS = 500
KILLS = int(os.environ.get("MADOGUCHI_KILLS", "8"))
SEED = int(os.environ.get("MADOGUCHI_SEED", "20261122"))
FAULTS = Faults(seed=SEED, lost=0.05, broken=0.02, slow=0.02, lag=0.15)
RESTS = (0.0, 0.06)
"""Most kills come while mail is being fetched, stored, marked or read."""

PAIRS = [("sqlite", "dovecot"), ("postgres", "fake")]
if os.environ.get("MADOGUCHI_FULL"):
    PAIRS += [("sqlite", "fake"), ("postgres", "dovecot")]


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    with Desks() as raised:
        yield raised


@pytest.fixture
def fake() -> Iterator[ImapThread]:
    with imap_thread() as server:
        yield server


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    with dovecot_server(*make_certificate(tmp_path_factory.mktemp("certificate"))) as server:
        need("dovecot", server is not None, HOW_TO_GET)
        assert server is not None
        yield server


@pytest.mark.parametrize(("database", "kind"), PAIRS)
def test_desks_that_are_killed_lose_no_mail_of_a_server(
    database: str, kind: str, desks: Desks, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sys.stdout.write(f"seed {SEED}, {KILLS} kills\n")
    database_url: str = request.getfixturevalue(f"{database}_url")
    server: MailServer = request.getfixturevalue(kind)
    office = ImapOffice(server, database)
    with running(ChatProcess) as chat:
        world = World(database_url, chat, tmp_path / "desk.log", office)
        chat.set_faults(FAULTS)
        world.kill_again_and_again(desks, MAILS, KILLS, Random(SEED), RESTS)
        world.expect_each_once()
        assert len(office.seen()) == MAILS
        world.engine.dispose()


@pytest.mark.parametrize("done_first", [False, True], ids=["done after the commit", "done before the commit"])
def test_only_mail_that_is_marked_before_it_is_committed_gets_lost(
    fake: ImapThread, sqlite_url: str, tmp_path: Path, desks: Desks, done_first: bool
) -> None:
    office = ImapOffice(fake, "hana")
    with running(ChatProcess) as chat:
        world = World(sqlite_url, chat, tmp_path / "desk.log", office)
        world.write(2)
        desk = desks.start(world.order(thinking=True, done_first=done_first))
        world.until(lambda: len(office.seen()) == 2 if done_first else fake.commands().count("UID FETCH") == 4)
        time.sleep(0.2)  # the position is stored when the mailbox has been quiet for a moment
        assert world.stored() == 0
        desks.kill(desk)
        world.write(2)
        desk = desks.start(world.order())
        world.finish(2 if done_first else 4)
        desks.kill(desk)
        assert world.lost() == ({"Parcel 0000", "Parcel 0001"} if done_first else set())
        world.engine.dispose()
