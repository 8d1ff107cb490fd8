"""The product's intake of a backlog, as a process of its own: its inbox, its reader, its flow and its store."""

import asyncio
import gc
import os
import re
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from adapters.mail.inbox import ImapInbox, MailboxConfig
from adapters.mail.safe_reader import SafeReader
from bot.indexer import EVERY, Indexer
from bot.intake import Intake
from bot.ports import TextKind
from storage.database import Database
from storage.leases import Leases
from storage.mailboxes import Mailboxes
from storage.search import SearchTable
from tests.support.dovecot import PASSWORD

YEARS = 3650
"""Days to look back: all of the mailbox."""


class Settled:
    """A Meter that tells when so many mails have been settled."""

    def __init__(self, awaited: int) -> None:
        self._left = awaited
        self.all = asyncio.Event()
        self.outcomes: dict[str, int] = {}

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Count down for each mail."""
        if name == "madoguchi_mails_total":
            self._left -= amount
            self.outcomes[labels["outcome"]] = self.outcomes.get(labels["outcome"], 0) + amount
        if self._left <= 0:
            self.all.set()

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Nothing is timed here."""


class Safe(Mailboxes):
    """Positions that tell when the last mail is safe, flags and all."""

    def __init__(self, database: Database, last: int) -> None:
        super().__init__(database)
        self._last = last
        self.all = asyncio.Event()

    async def moved(self, mailbox: str, uidvalidity: int, last_uid: int) -> None:
        """Move, and look whether it was the last time."""
        await super().moved(mailbox, uidvalidity, last_uid)
        if last_uid >= self._last:
            self.all.set()


async def take_in(
    url: str, port: int, user: str, mails: int, is_indexed: bool = False
) -> tuple[float, float, float, dict[str, int]]:
    """Take in a mailbox until every mail is settled and flagged: seconds, megabytes, and what became of the mails.

    The third tells after how many seconds more the index, where it runs beside, had caught up.
    """
    database = Database(url, _clock)
    leases, mailboxes, settled = Leases(database), Safe(database, mails), Settled(mails)
    config = MailboxConfig(
        name=user,
        queue="support",
        host="127.0.0.1",
        user=user,
        password=PASSWORD,
        port=port,
        security="plain",
        look_back=YEARS,
    )
    inbox = ImapInbox(config, mailboxes, _clock, leases)
    with SafeReader() as reader:
        intake = Intake(database, reader, _clock, settled)
        begun = perf_counter()
        beside = asyncio.create_task(_indexing(database) if is_indexed else asyncio.sleep(0))
        running = asyncio.create_task(intake.run(inbox))
        await asyncio.wait([running, asyncio.create_task(settled.all.wait())], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([running, asyncio.create_task(mailboxes.all.wait())], return_when=asyncio.FIRST_COMPLETED)
        taken = perf_counter() - begun
        later = await _caught_up(database) if is_indexed else 0.0
        beside.cancel()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        megabytes = sum(_highest(one) for one in (os.getpid(), reader.pid))
    await leases.close()
    await database.close()
    return taken, megabytes, later, settled.outcomes


async def _indexing(database: Database) -> None:
    indexer = Indexer(database)
    while True:
        await indexer.catch_up()
        await asyncio.sleep(EVERY / 5)  # at once, or a small backlog is over before it has begun


async def _caught_up(database: Database) -> float:
    begun = perf_counter()
    while True:
        async with database.snapshot() as tx:
            if not await tx.search.behind():
                return perf_counter() - begun
        await asyncio.sleep(0.05)


def _highest(process: int | None) -> float:
    """The most megabytes that a process was ever resident with (not getrusage: a child's begin with its parent's)."""
    told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert told
    return int(told[1]) / 1024


async def _nothing(_table: SearchTable, _kind: TextKind, _refs: Collection[int]) -> None:
    """Note no text for the index, as if there were none."""


def _clock() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    gc.freeze()  # as the program does when it starts
    if "unnoted" in sys.argv:
        SearchTable.changed = _nothing  # type: ignore[method-assign, assignment]
    print(*asyncio.run(take_in(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), "indexed" in sys.argv)))
