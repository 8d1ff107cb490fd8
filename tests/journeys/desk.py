"""The running desk of a journey: the whole product on loopback, that can be stopped, restarted and killed."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from adapters.workspace.people import SAMPLE_PEOPLE
from bot.app import App
from bot.settings import Settings
from tests.journeys.customers import Customer
from tests.journeys.driver import PATIENCE, Channel, Person
from tests.journeys.stage import Stage
from tests.support.in_slack import hurry_chats

ROOT = Path(__file__).parents[2]


class Running(Protocol):
    """A desk at work, in this process or in one of its own."""

    port: int

    async def stop(self) -> None: ...


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings that a process with this environment reads; A__B is the part B of A."""
    plain = {name.lower(): value for name, value in environment.items() if "__" not in name}
    nested: dict[str, dict[str, str]] = {}
    for name, value in environment.items():
        whole, inside, part = name.lower().partition("__")
        if inside:
            nested.setdefault(whole, {})[part] = value
    return Settings(_env_file=None, **plain, **nested)  # type: ignore[arg-type]


class Inside:
    """The App in this process and loop."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.app = App(settings_from(environment))
        hurry_chats(self.app)
        self.port = 0

    async def start(self) -> None:
        """Return when people can be served. Raises what the App raises when it cannot start."""
        self._stop, is_ready = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self.app.run(self._stop, is_ready.set))
        waiting = asyncio.create_task(is_ready.wait())
        await asyncio.wait((self._task, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            await self._task
        self.port = self.app.port

    async def stop(self) -> None:
        self._stop.set()
        _, late = await asyncio.wait((self._task,), timeout=PATIENCE)
        assert not late, f"the desk does not stop; it waits for {asyncio.all_tasks()}"
        await self._task


class Apart:
    """`python -m bot run` in a process of its own, which can be killed."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self._folder = folder
        self.port = 0

    async def start(self) -> None:
        """Return when it says that it is open."""
        with (self._folder / "desk.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run",
                cwd=self._folder, env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told, _, address = line.decode().strip().partition(": ")
            if told == "Health":
                self.port = int(address.removesuffix("/healthz").rpartition(":")[2])
                return
        raise AssertionError((self._folder / "desk.log").read_text())

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)
        assert self._process.returncode == 0, (self._folder / "desk.log").read_text()

    async def kill(self) -> None:
        """kill -9: nothing of the process gets a chance to tidy up."""
        await self._end(signal.SIGKILL)

    async def _end(self, sign: signal.Signals) -> None:
        if self._process.returncode is None:
            self._process.send_signal(sign)
        await self._process.communicate()


@dataclass
class Desk:
    """A team at a running desk. `environment` are the settings, `folder` is all that it keeps beside the database."""

    folder: Path
    environment: dict[str, str]
    stage: Stage
    queues: tuple[str, ...] = ("support",)
    is_apart: bool = False
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.running.port}"

    @property
    def spools(self) -> dict[str, Path]:
        return {queue: self.folder / "spool" / queue for queue in self.queues}

    async def start(self) -> None:
        """Start the desk, and sit the team down at it."""
        self.running = Apart(self.environment, self.folder) if self.is_apart else Inside(self.environment)
        await self.running.start()
        self.environment["HTTP_PORT"] = str(self.running.port)
        self.platform = await self.stage.seat(self.url)
        self.people = {
            one.handle: Person(
                one.handle, one.name, one.language, self.platform, mention=self.stage.mention(one.handle)
            )
            for one in SAMPLE_PEOPLE
        }

    async def stop(self) -> None:
        """Stop it as an operator does."""
        await self.platform.close()
        await self.running.stop()

    async def restart(self) -> None:
        """Stop and start; what people held in their hands (cards, forms) they still have."""
        await self.stop()
        await self.start()

    async def crash(self) -> None:
        """Kill the desk's process. Only a desk apart has one of its own."""
        assert isinstance(self.running, Apart), "ask for the fixture desk_apart"
        await self.platform.close()
        await self.running.kill()

    @property
    def hana(self) -> Person:
        """An agent who speaks Japanese."""
        return self.people["hana"]

    @property
    def ken(self) -> Person:
        """An agent who speaks English."""
        return self.people["ken"]

    @property
    def emma(self) -> Person:
        """A supervisor who speaks English."""
        return self.people["emma"]

    def channel(self, name: str) -> Channel:
        return Channel(name, self.platform)

    @property
    def support(self) -> Channel:
        return self.channel("support")

    def customer(self, name: str = "Aki Ito", address: str = "ito@example.com") -> Customer:
        """Somebody who writes to us."""
        return Customer(name, address, self.spools)


def settings_of(
    folder: Path, database_url: str, stage: Stage, queues: tuple[str, ...], agents: tuple[str, ...], **more: str
) -> dict[str, str]:
    """The environment of a desk whose queues each have a spool folder and a channel of their name."""
    return {
        "DATABASE_URL": database_url,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": "0",
        "SPOOL_FOLDERS": ",".join(f"{queue}={folder / 'spool' / queue}" for queue in queues),
        "AGENTS": ",".join(f"{stage.name}:{stage.handle(one)}" for one in agents),
        "SUPERVISORS": f"{stage.name}:{stage.handle('emma')}",
        "DEFAULT_LANGUAGE": "en",
        "DEFAULT_TIME_ZONE": "Asia/Tokyo",
        **stage.settings(folder, queues),
        **more,
    }
