"""From a mail in the spool folder to its card in the workspace, one at a time and 500 at once, against bare scripts."""

import asyncio
import os
import random
import re
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import perf_counter, time_ns

import aiohttp

from benchmarks.databases import databases
from benchmarks.table import Figure, percentile, ratio, show

ROOT = Path(__file__).parents[1]
MAILS = 200
BURST = 500
BURSTS = 3
PATIENCE = 30.0
"""Seconds until a card counts as lost."""

MAIL = """\
From: Ito {name} <ito-{name}@example.com>
To: support@example.com
Subject: {name} the parcel is late
Message-ID: <{name}@example.com>
Date: Wed, 1 Apr 2026 10:00:00 +0900
Content-Type: text/plain; charset=utf-8

こんにちは。荷物がまだ届きません。
Where is my parcel?
"""
NAME = re.compile(rb"bench\d+")


def main() -> None:
    """Measure on each database and print a table for each."""
    with databases() as urls:
        for name, url in urls.items():
            show(f"Spool to card, {name}", asyncio.run(_figures(url)))


class Contender:
    """A running program that takes mail from `folder`; `come` tells when each mail's card was there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.come: dict[str, asyncio.Future[float]] = {}
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)

    async def take(self, count: int) -> list[float]:
        """Deliver so many mails at once; the seconds until each one's card. Raises TimeoutError when one is lost."""
        names = [f"bench{random.randrange(10**12)}" for _ in range(count)]
        for name in names:
            self.write(name)
            self.come[name] = asyncio.get_running_loop().create_future()
        begun = perf_counter()
        for name in names:
            self.deliver(name)
        async with asyncio.timeout(PATIENCE):
            return [await self.come[name] - begun for name in names]

    def write(self, name: str) -> None:
        """Make a mail ready."""
        file = self.folder / "tmp" / name
        file.write_text(MAIL.format(name=name), encoding="utf-8")
        written = time_ns() - 50_000_000  # or on a coarse clock it would seem to be written where it is moved to
        os.utime(file, ns=(written, written))

    def deliver(self, name: str) -> None:
        """Let it arrive."""
        (self.folder / "tmp" / name).rename(self.folder / "new" / name)

    def heard(self, line: bytes) -> None:
        """Note the first time that a mail is named."""
        name = NAME.search(line)
        waiting = self.come.get(name[0].decode()) if name else None
        if waiting and not waiting.done():
            waiting.set_result(perf_counter())


async def _figures(url: str) -> list[Figure]:
    async with AsyncExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="madoguchi-bench-")))
        ours = Contender(folder / "ours" / "spool")
        settings = {"SPOOL_FOLDERS": f"support={ours.folder}"}
        await running.enter_async_context(program(ours, url, folder / "ours", settings))
        bare = await running.enter_async_context(_bare(url, folder / "bare"))
        for contender in (ours, bare):
            await contender.take(20)
        singles: tuple[list[float], list[float]] = ([], [])
        for _ in range(MAILS):
            for contender, taken in zip((ours, bare), singles, strict=True):
                await asyncio.sleep(random.uniform(0, 0.1))  # or the mails would come in step with the looks for them
                taken += [1000 * seconds for seconds in await contender.take(1)]
        bursts: tuple[list[float], list[float]] = ([], [])
        for _ in range(BURSTS):
            for contender, rates in zip((ours, bare), bursts, strict=True):
                rates.append(BURST / max(await contender.take(BURST)))
    return [
        *_at(50, *singles),
        *_at(95, *singles),
        Figure(f"a burst of {BURST} mails, ours", bursts[0], "mails/s", f"{ratio(*bursts):.0%} of bare"),
        Figure("the same, bare", bursts[1], "mails/s"),
    ]


def _at(share: int, ours: list[float], bare: list[float]) -> list[Figure]:
    """One mail at a time: the time that so many percent of the mails do not exceed."""
    told, floor = percentile(ours, share / 100), percentile(bare, share / 100)
    compared = f"{told / floor:.2f} times bare, {told - floor:+.0f} ms"
    return [
        Figure(f"one mail at a time, p{share}, ours", [told], "ms", compared),
        Figure("the same, bare", [floor], "ms"),
    ]


@asynccontextmanager
async def program(contender: Contender, url: str, folder: Path, told: dict[str, str]) -> AsyncIterator[None]:
    """The program itself with its mail as the settings say, watched by the live stream of the workspace's page."""
    settings = {
        **told,
        "DATABASE_URL": url.replace("+psycopg", ""),
        "DATA_FOLDER": str(folder),
        "HTTP_PORT": "0",
    }
    async with _running(["-m", "bot", "run"], folder, settings) as process, _session() as session:
        assert process.stdout is not None
        address = ""
        while "http" not in address:
            address = (await process.stdout.readline()).decode().rpartition(" ")[2].strip()
            if process.returncode is not None:
                raise RuntimeError("the program ended before it was open")
        async with session.get(address) as page, session.get(f"{address}api/state?me=hana") as state:
            page.raise_for_status()
            cursor = (await state.json())["cursor"]
        stream = await session.get(f"{address}api/events?me=hana&after={cursor}")
        async with stream, asyncio.TaskGroup() as group:
            stream.raise_for_status()
            listening = group.create_task(_listen(stream.content, contender))
            yield
            listening.cancel()


@asynccontextmanager
async def _bare(url: str, folder: Path) -> AsyncIterator[Contender]:
    contender = Contender(folder)
    command = ["-m", "benchmarks.bare_intake", url, str(folder)]
    async with _running(command, folder, {}) as process, asyncio.TaskGroup() as group:
        assert process.stdout is not None
        listening = group.create_task(_listen(process.stdout, contender))
        yield contender
        listening.cancel()


def _session() -> aiohttp.ClientSession:
    jar = aiohttp.CookieJar(unsafe=True)  # or cookies of bare addresses would be dropped
    return aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=None), read_bufsize=2**20)


async def _listen(lines: aiohttp.StreamReader | asyncio.StreamReader, contender: Contender) -> None:
    while line := await lines.readline():
        contender.heard(line)


@asynccontextmanager
async def _running(command: list[str], folder: Path, settings: dict[str, str]) -> AsyncIterator[Process]:
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=folder, env=surroundings, stdout=PIPE, limit=2**20
    )
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()
