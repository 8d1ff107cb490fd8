"""Desks in processes of their own, to be killed: `python -m tests.support.desk_process` raises them.

It reads one order a line from its input and answers each in one line. Each desk is a fork of this process, which
has everything imported (and the modules that it is started with) and runs nothing, so that a desk begins within a
moment, as fresh as one from a cold start.
"""

import asyncio
import gc
import importlib
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.app import App
from bot.domain.message import RawMail
from bot.mailbox_settings import MailboxSettings
from bot.ports import Inbox, MessageRef, Pace
from bot.settings import Settings
from tests.fakes.chat_platform import FakeChatPlatform

ROOT = Path(__file__).parents[2]
USED_LATER = (
    "tests.support.rehearsal",
    "adapters.mail.inbox",
    "aiosqlite",
    "psycopg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
)
TIMEOUT = 0.6
SETTLE = 1.0
"""Longer than a request can be under way and the fake's history can lag."""
THINKING = 0.5
IN_SLACK, IN_DISCORD = "tests.support.in_slack", "tests.support.in_discord"
"""Imported only by desks that are there: it costs a part of the start."""
IN_CHATS = {"slack": IN_SLACK, "discord": IN_DISCORD}
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGTERM}


@dataclass(frozen=True)
class Order:
    """What a desk is made of; `mailboxes` are settings by name, `chat` is the kind of chat on `chat_port`.

    `naive`, `done_first`, `thinking` and a short `settle` (seconds) make it one that must fail, or nearly.
    """

    database_url: str
    folders: tuple[tuple[str, str], ...]
    chat_port: int
    log: str
    chat: str = "fake"
    settle: float = SETTLE
    naive: bool = False
    done_first: bool = False
    thinking: bool = False
    mailboxes: dict[str, dict[str, Any]] = field(default_factory=dict)


class NaivePlatform(FakeChatPlatform):
    """Sends again without looking."""

    async def find(self, channel: str, key: str, since: datetime, under: MessageRef | None = None) -> MessageRef | None:
        return None


class ThinkingInbox:
    """Takes a while between fetching mail and handing it over.

    When `done_first`, it says before that that the mail is stored, and lets the inbox go on.
    """

    def __init__(self, inbox: Inbox, done_first: bool) -> None:
        self._inbox = inbox
        self._done_first = done_first
        self.name, self.queue, self.trouble = inbox.name, inbox.queue, ""

    async def batches(self) -> AsyncIterator[Sequence[RawMail]]:
        batches = aiter(self._inbox.batches())
        batch = await anext(batches)
        while True:
            if self._done_first:
                await self._inbox.done(batch)
                following = asyncio.ensure_future(anext(batches))
                await asyncio.sleep(THINKING)
                yield batch
                batch = await following
            else:
                await asyncio.sleep(THINKING)
                yield batch
                batch = await anext(batches)

    async def done(self, batch: Sequence[RawMail]) -> None:
        if not self._done_first:
            await self._inbox.done(batch)


def desk(order: Order) -> App:
    """The real desk, with a fake chat as its platform."""
    queues = (*(queue for queue, _ in order.folders), *order.mailboxes)
    inside = importlib.import_module(IN_CHATS[order.chat]) if order.chat in IN_CHATS else None
    chat: dict[str, Any] = {order.chat: inside.settings_for(order.chat_port)} if inside else {}
    settings = Settings(
        _env_file=None,
        database_url=order.database_url,
        http_port=0,
        workspace="off",
        spool_folders=order.folders,
        mailboxes={name: MailboxSettings(**box) for name, box in order.mailboxes.items()},
        queue_channels=tuple((queue, f"{order.chat}:{queue}") for queue in queues),
        agents=(),
        supervisors=(),
        default_time_zone="UTC",
        **chat,
    )
    app = App(settings, lease=timedelta(seconds=3), reading_time=timedelta(seconds=2), rests=(0.05, 0.1))
    pace = Pace(2000, 100, timedelta(seconds=0 if order.naive else order.settle))
    if inside:
        inside.hurry(app, pace, TIMEOUT, order.naive)
    else:
        kind = NaivePlatform if order.naive else FakeChatPlatform
        app.platforms = [kind(order.chat_port, pace=pace, timeout=TIMEOUT)]
    if order.thinking:
        app.inboxes = [ThinkingInbox(one, order.done_first) for one in app.inboxes]
    return app


async def serve(**ordered: Any) -> None:
    """Run the desk of an `Order` until SIGTERM."""
    order = Order(**ordered)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await desk(order).run(stop)


class Desks:
    """Raises desks and ends them. A context manager: whatever still runs at its end is killed.

    Desks that need more than the usual `modules` begin sooner when these are imported beforehand.
    """

    def __init__(self, *modules: str) -> None:
        self._modules = modules

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.support.desk_process", *self._modules]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def start(self, order: Order) -> int:
        """Raise a desk; its process id."""
        return self.begin(serve, order.log, **asdict(order))

    def begin(self, work: Callable[..., Coroutine[Any, Any, None]], log: str, /, **given: object) -> int:
        """Begin any work of a module in a process of its own; its process id."""
        return self._ask("start", [work.__module__, work.__name__, log, given])

    def wait(self, pid: int) -> int:
        """Wait until a process ends by itself; its exit status."""
        return os.waitstatus_to_exitcode(self._ask("wait", pid))

    def kill(self, pid: int) -> None:
        """End a desk at once: kill -9."""
        if self._ask("kill", pid) != signal.SIGKILL:
            raise AssertionError("the desk had ended by itself; see its log")

    def end(self, pid: int) -> int:
        """End a desk at once if it has not ended by itself; its exit status, negative for a signal."""
        return os.waitstatus_to_exitcode(self._ask("kill", pid))

    def stop(self, pid: int) -> int:
        """End a desk as an operator does, by SIGTERM; its exit status."""
        return os.waitstatus_to_exitcode(self._ask("stop", pid))

    def _ask(self, verb: str, about: object) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([verb, about]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def main() -> None:
    """Obey until the input ends; then kill whoever still runs."""
    for module in (*USED_LATER, *sys.argv[1:]):
        importlib.import_module(module)
    gc.freeze()  # or each child copies, while it collects, what they could share
    running: set[int] = set()
    for line in sys.stdin:
        verb, about = json.loads(line)
        if verb == "start":
            answer = _forked(*about)
            running.add(answer)
        else:
            if verb in SIGNALS:
                os.kill(about, SIGNALS[verb])
            answer = os.waitpid(about, 0)[1]
            running.discard(about)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for pid in running:
        os.kill(pid, signal.SIGKILL)


def _forked(module: str, work: str, log_path: str, given: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        with open(os.devnull) as nothing, open(log_path, "a", encoding="utf-8") as log:
            os.dup2(nothing.fileno(), 0)
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        logging.basicConfig(level=logging.WARNING, format="%(process)d %(asctime)s %(name)s %(message)s", force=True)
        asyncio.run(getattr(importlib.import_module(module), work)(**given))
        status = 0
    except BaseException:
        logging.exception("the process failed")
    finally:
        logging.shutdown()
        os._exit(status)


if __name__ == "__main__":
    main()
