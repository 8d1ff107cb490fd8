"""One pushed mail: from the IDLE notice to the committed inquiry, and from its arrival in Dovecot to its card."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from adapters.mail.inbox import ImapInbox
from adapters.mail.safe_reader import SafeReader
from benchmarks.databases import databases
from benchmarks.spool_to_card import MAIL, Contender, program
from benchmarks.table import Figure, percentile, plain, show
from bot.intake import Intake
from storage.database import Database
from storage.leases import Leases
from storage.mailboxes import Mailboxes
from tests.builders import SUPPORT, a_queue
from tests.fakes.imap import FakeImap
from tests.support.certificate import make_certificate
from tests.support.dovecot import HOW_TO_GET, PASSWORD, Dovecot, dovecot_server
from tests.support.mailboxes import mailbox

PUSHED, DELIVERED, WARMING = 200, 30, 10
QUICK, CARD = 6, 520
"""Milliseconds at the median: from notice to row, and from arrival to card."""
DELAY = "Dovecot holds each notice back for 500 ms, on purpose (NOTIFY_DELAY_MSECS)."
USER = "support@example.com"


def main() -> None:
    """Measure on each database and print a table for each."""
    with (
        tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as name,
        databases() as urls,
        dovecot_server(*make_certificate(Path(name))) as dovecot,
    ):
        for kind, url in urls.items():
            figures = _at("notice to committed inquiry", asyncio.run(_pushed(url)), QUICK)
            remarks = [f"No Dovecot here: {HOW_TO_GET}."]
            if dovecot:
                folder = Path(name) / kind
                figures += _at("arrival in Dovecot to card", asyncio.run(_delivered(dovecot, url, folder)), CARD)
                remarks = [DELAY]
            show(f"A pushed mail, {kind}", figures, remarks)


def _at(name: str, milliseconds: list[float], goal: float) -> list[Figure]:
    p50, p95 = percentile(milliseconds, 0.5), percentile(milliseconds, 0.95)
    return [
        Figure(f"{name}, p50", [p50], "ms", f"{plain(p50 / goal)} times the goal", f"at most {goal} ms when quiet"),
        Figure(f"{name}, p95", [p95], "ms"),
    ]


class Committed:
    """A Meter that hears of each mail that is settled."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[float] = asyncio.Queue()

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Note the moment: a mail is counted right after the commit."""
        if name == "madoguchi_mails_total":
            self.heard.put_nowait(perf_counter())

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Nothing is timed here."""


async def _pushed(url: str) -> list[float]:
    """Milliseconds for each mail, one at a time, from a server that tells at once; its own work is part of them."""
    database, committed = Database(url, _clock), Committed()
    await a_queue(database, "support", SUPPORT)
    server = FakeImap()
    await server.open()
    server.mailbox(USER)
    taken: list[float] = []
    async with _intake(database, server, committed):
        for number in range(PUSHED + WARMING):
            while not server.idle:  # noqa: ASYNC110  # the server tells nobody who idles
                await asyncio.sleep(0.001)
            await asyncio.sleep(random.uniform(0.01, 0.03))
            begun = perf_counter()
            server.put(USER, MAIL.format(name=f"bench{number}").replace("\n", "\r\n").encode())
            async with asyncio.timeout(10):
                taken.append(1000 * (await committed.heard.get() - begun))
    await server.close()
    await database.close()
    return taken[WARMING:]


@asynccontextmanager
async def _intake(database: Database, server: FakeImap, committed: Committed) -> AsyncIterator[None]:
    leases = Leases(database)
    inbox = ImapInbox(mailbox(server.port, USER), Mailboxes(database), _clock, leases)
    with SafeReader() as reader:
        running = asyncio.create_task(Intake(database, reader, _clock, committed).run(inbox))
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    await leases.close()


class Posted(Contender):
    """Mail that arrives in a mailbox of Dovecot."""

    def __init__(self, folder: Path, dovecot: Dovecot, user: str) -> None:
        super().__init__(folder)
        self._dovecot = dovecot
        self._user = user

    def write(self, name: str) -> None:
        """Nothing is to be made ready."""

    def deliver(self, name: str) -> None:
        """As a mail transport would: written, then renamed."""
        self._dovecot.put(self._user, MAIL.format(name=name).encode())


async def _delivered(dovecot: Dovecot, url: str, folder: Path) -> list[float]:
    """Milliseconds from a mail's arrival to its card in the workspace, one at a time."""
    user = f"{folder.name.lower()}@example.com"
    dovecot.mailbox(user)
    contender = Posted(folder / "unused", dovecot, user)
    told = {"HOST": "127.0.0.1", "PORT": str(dovecot.port), "SECURITY": "plain", "USER": user, "PASSWORD": PASSWORD}
    settings = {f"MAILBOXES__SUPPORT__{name}": value for name, value in told.items()}
    async with program(contender, url, folder, settings):
        await asyncio.sleep(1)  # until the mailbox is watched: only what comes then is new
        taken: list[float] = []
        for _ in range(DELIVERED + 2):
            await asyncio.sleep(random.uniform(0.05, 0.15))
            taken += [1000 * seconds for seconds in await contender.take(1)]
    return taken[2:]


def _clock() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
