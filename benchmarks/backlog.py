"""A backlog taken in from a real Dovecot, against the batched floor, on SQLite and PostgreSQL; no cards are sent."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.mailgen import mails
from benchmarks.table import Figure, median, plain, ratio, show
from storage.database import Database
from storage.schema import bring_up_to_date
from tests.builders import SUPPORT, a_queue
from tests.support.certificate import make_certificate
from tests.support.clock import Clock
from tests.support.dovecot import HOW_TO_GET, Dovecot, dovecot_server
from tests.support.postgres import HOW_TO_GET as HOW_TO_GET_POSTGRES
from tests.support.postgres import create_database, drop_database, postgres_server

ROOT = Path(__file__).parents[1]
SMALL, LARGE = 1_000, 10_000
ROUNDS = {SMALL: 5, LARGE: 1}
FLOOR, GROWTH, LARGEST = 1.5, 1.15, 200
"""The goals: times the floor, ms a mail of LARGE against SMALL, megabytes."""

Fresh = Callable[[], str]
"""Makes a migrated database with one queue, and tells its URL."""
_users = count(1)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: milliseconds a mail, and the highest resident megabytes of all its processes."""

    milliseconds: float
    megabytes: float


def main() -> None:
    """Run on each database and print a table for each; `--full` adds the large backlog."""
    sizes = (SMALL, LARGE) if "--full" in sys.argv else (SMALL,)
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as name:
        folder = Path(name)
        with dovecot_server(*make_certificate(folder)) as dovecot, fresh_databases(folder) as kinds:
            if dovecot is None:
                print(f"No Dovecot here: {HOW_TO_GET}.")
                return
            for kind, fresh in kinds.items():
                runs = {size: [_pair(dovecot, fresh, size) for _ in range(ROUNDS[size])] for size in sizes}
                show(f"Backlog from Dovecot, {kind}", _figures(runs))


def _figures(runs: dict[int, list[tuple[Run, Run]]]) -> list[Figure]:
    figures: list[Figure] = []
    speeds: dict[int, list[float]] = {}
    for size, pairs in runs.items():
        ours, bare = ([pair[side].milliseconds for pair in pairs] for side in (0, 1))
        speeds[size] = ours
        memory = [pair[0].megabytes for pair in pairs]
        times = f"ours takes {ratio(ours, bare):.2f} times"
        figures += [
            Figure(f"{size:,} mails, ours", ours, "ms/mail"),
            Figure(f"{size:,} mails, the floor", bare, "ms/mail", times, f"at most {FLOOR}"),
            Figure(f"{size:,} mails, our memory", memory, "MB", f"{max(memory):.0f} MB", f"at most {LARGEST} MB"),
        ]
    if LARGE in speeds:
        growth = median(speeds[LARGE]) / median(speeds[SMALL])
        told = f"{plain(growth)} times the smaller"
        figures.append(Figure(f"{LARGE:,} mails after {SMALL:,}", speeds[LARGE], "ms/mail", told, f"at most {GROWTH}"))
    return figures


def _pair(dovecot: Dovecot, fresh: Fresh, size: int) -> tuple[Run, Run]:
    """Ours and the floor, one after the other, each with a mailbox and a database of its own."""
    users = [f"user{next(_users)}" for _ in range(2)]
    for user in users:
        for made in mails(size):
            dovecot.put(user, made.content, at=made.at)
    ours = _run("benchmarks.our_backlog", fresh(), dovecot, users[0], size)
    bare = _run("benchmarks.bare_backlog", Database(fresh(), Clock()).url, dovecot, users[1], size)
    if len(dovecot.seen(users[0])) != size:
        raise RuntimeError("mails are not marked as seen")
    return ours, bare


def _run(module: str, url: str, dovecot: Dovecot, user: str, size: int) -> Run:
    command = [sys.executable, "-m", module, url, str(dovecot.port), user, str(size)]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    seconds, megabytes = done.stdout.split()[:2]
    return Run(1000 * float(seconds) / size, float(megabytes))


@contextmanager
def fresh_databases(folder: Path) -> Iterator[dict[str, Fresh]]:
    """Makers of databases, by their kind; without PostgreSQL on this machine, SQLite alone."""
    numbers = count(1)
    model = folder / "model.sqlite3"
    asyncio.run(_prepared(f"sqlite:///{model}"))

    def sqlite() -> str:
        return f"sqlite:///{shutil.copy(model, folder / f'{next(numbers)}.sqlite3')}"

    with postgres_server() as admin:
        if admin is None:
            print(f"No PostgreSQL here: {HOW_TO_GET_POSTGRES}.")
            yield {"SQLite": sqlite}
            return
        made = [create_database(admin)]
        asyncio.run(_prepared(made[0]))

        def postgresql() -> str:
            made.append(create_database(admin, template=made[0]))
            return made[-1]

        try:
            yield {"SQLite": sqlite, "PostgreSQL": postgresql}
        finally:
            for url in reversed(made):
                drop_database(admin, url)


async def _prepared(url: str) -> None:
    await bring_up_to_date(url)
    database = Database(url, Clock())
    await a_queue(database, "support", SUPPORT)
    await database.close()


if __name__ == "__main__":
    main()
