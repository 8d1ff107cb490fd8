"""A backlog taken in from a real Dovecot, ours and django-helpdesk's `get_email` in turns, on SQLite and PostgreSQL."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy.engine import make_url

from benchmarks.databases import databases
from benchmarks.helpdesk_peer import NoPeerError, Peer
from benchmarks.mailgen import mails
from benchmarks.table import Figure, plain, ratio, show
from storage.database import Database
from tests.builders import SUPPORT, a_queue
from tests.support.certificate import make_certificate
from tests.support.clock import Clock
from tests.support.dovecot import HOW_TO_GET, Dovecot, dovecot_server
from tests.support.postgres import create_database, drop_database

ROOT = Path(__file__).parents[1]
MAILS, ROUNDS = 1_000, 3
FASTER = {"SQLite": 15, "PostgreSQL": 20}
REMARKS = (
    "Neither's time holds the start of Python. Ours has its reading process in it.",
    "django-helpdesk sends no mail here, and its SQLite is tuned (WAL, synchronous=NORMAL).",
)
_users = count(1)


def main() -> None:
    """Take in the same mails in turns on each database and print a table for each."""
    with (
        tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as name,
        dovecot_server(*make_certificate(Path(name))) as dovecot,
    ):
        if dovecot is None:
            print(f"No Dovecot here: {HOW_TO_GET}.")
            return
        try:
            peer = Peer.installed(Path(name))
        except NoPeerError as reason:
            print(f"{reason}.")
            return
        with databases() as urls:
            for kind, url in urls.items():
                with _beside(url) as peers_url:
                    asyncio.run(_with_queue(url))
                    peer.prepare(peers_url)
                    pairs = [(_ours(dovecot, url), _theirs(dovecot, peer, peers_url)) for _ in range(ROUNDS)]
                _show(kind, peer.version, pairs)


def _show(kind: str, version: str, pairs: list[tuple[float, float]]) -> None:
    ours, theirs = ([pair[side] for pair in pairs] for side in (0, 1))
    faster = f"ours is {plain(ratio(theirs, ours))} times as fast"
    show(
        f"Backlog of {MAILS:,} mails beside django-helpdesk, {kind}",
        [
            Figure("ours", ours, "ms/mail"),
            Figure(f"django-helpdesk {version}", theirs, "ms/mail", faster, f"at least {FASTER[kind]}"),
        ],
        REMARKS,
    )


def _ours(dovecot: Dovecot, model: str) -> float:
    """Milliseconds a mail, in a copy of our database."""
    user = _filled_mailbox(dovecot)
    with _copy(model) as url:
        command = [sys.executable, "-m", "benchmarks.our_backlog", url, str(dovecot.port), user, str(MAILS)]
        said = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout
    if len(dovecot.seen(user)) != MAILS:
        raise RuntimeError("mails are not marked as seen")
    return 1000 * float(said.split()[0]) / MAILS


def _theirs(dovecot: Dovecot, peer: Peer, model: str) -> float:
    """Milliseconds a mail, in a copy of the peer's database."""
    user = _filled_mailbox(dovecot)
    with _copy(model) as url:
        seconds, made = peer.take_in(url, dovecot.port, user)
    if made != MAILS or dovecot.contents(user):
        raise RuntimeError(f"django-helpdesk took in {made} mails and left {len(dovecot.contents(user))}")
    return 1000 * seconds / MAILS


def _filled_mailbox(dovecot: Dovecot) -> str:
    user = f"user{next(_users)}"
    for made in mails(MAILS):
        dovecot.put(user, made.content, at=made.at)
    return user


async def _with_queue(url: str) -> None:
    database = Database(url, Clock())
    await a_queue(database, "support", SUPPORT)
    await database.close()


@contextmanager
def _beside(url: str) -> Iterator[str]:
    """An empty database on the same server, or in the same folder, for as long as it is needed."""
    if _is_file(url):
        yield f"{url}.peer"
        return
    made = create_database(url)
    try:
        yield made
    finally:
        drop_database(url, made)


@contextmanager
def _copy(model: str) -> Iterator[str]:
    """A copy of a database that nobody is connected to, for as long as it is needed."""
    if _is_file(model):
        with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
            yield f"sqlite:///{shutil.copy(str(make_url(model).database), folder)}"
        return
    made = create_database(model, template=model)
    try:
        yield made
    finally:
        drop_database(model, made)


def _is_file(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


if __name__ == "__main__":
    main()
