"""A running desk whose mail comes in over IMAP, and what its customers and agents do at their mail programs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, make_msgid
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa

from adapters.workspace.people import SAMPLE_PEOPLE
from bot.app import App
from bot.mailbox_settings import MailboxSettings
from bot.ports import Store, StoreDown, Transaction
from bot.settings import Settings
from storage.tables import inquiry, mail
from tests.journeys.driver import PATIENCE, Channel
from tests.journeys.workspace_driver import WorkspacePlatform
from tests.support.dovecot import PASSWORD

AKI, DESK = ("Aki Ito", "ito@example.com"), ("Support", "support@example.com")


def mailbox(port: int, user: str, **changes: Any) -> MailboxSettings:
    """The settings of a mailbox on the loopback, without TLS."""
    usual = {"security": "plain", "password": PASSWORD, "port": port}
    return MailboxSettings(host="127.0.0.1", user=user, **{**usual, **changes})


def letter(
    subject: str = "Where is my parcel?",
    text: str = "It should have come on Monday.",
    *,
    sender: tuple[str, str] = AKI,
    to: tuple[str, str] = DESK,
    answers: str = "",
    **headers: str,
) -> tuple[str, bytes]:
    """A mail as a mail program writes it: its Message-ID and its bytes."""
    mail = EmailMessage(policy=SMTP.clone(max_line_length=200))
    mail["From"], mail["To"], mail["Subject"] = formataddr(sender), formataddr(to), subject
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="example.com")
    if answers:
        mail["In-Reply-To"] = answers
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail["Message-ID"], mail.as_bytes()


def settings_with(folder: Path, database_url: str, boxes: Mapping[str, MailboxSettings], **more: Any) -> Settings:
    """The settings of a desk with these mailboxes; each queue is shown in the workspace's channel of its name."""
    queues = tuple(box.queue or name for name, box in boxes.items())
    usual: dict[str, Any] = {
        "database_url": database_url,
        "data_folder": folder / "data",
        "http_port": 0,
        "workspace": "on",
        "workspace_channels": (*queues, "team"),
        "spool_folders": (),
        "mailboxes": dict(boxes),
        "queue_channels": tuple((queue, f"workspace:{queue}") for queue in queues),
        "default_time_zone": "Asia/Tokyo",
    }
    return Settings(_env_file=None, **{**usual, **more})


class SickStore:
    """A store that raises StoreDown while `is_down`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_down = False
        self.refused = 0

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self._unit(self._store.transaction)

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        return self._unit(self._store.snapshot)

    @asynccontextmanager
    async def _unit(self, unit: Callable[[], AbstractAsyncContextManager[Transaction]]) -> AsyncIterator[Transaction]:
        if self.is_down:
            self.refused += 1
            raise StoreDown("no space left on device")
        async with unit() as tx:
            yield tx


@dataclass
class MailDesk:
    """A desk at work, from `start` to `stop`; `app` may be changed before."""

    app: App

    async def start(self) -> None:
        """Return when every mailbox that can be reached is watched, so that what comes now is new."""
        self._stop, is_ready = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self.app.run(self._stop, is_ready.set))
        waiting = asyncio.create_task(is_ready.wait())
        await asyncio.wait((self._task, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            await self._task
        self.url = f"http://127.0.0.1:{self.app.port}"
        self.platform = WorkspacePlatform(self.url, tuple(one.handle for one in SAMPLE_PEOPLE))
        if self.app.workspace:
            await self.platform.open()
        await self.until(lambda: all(one.trouble or one._link for one in self.app._mail.mailboxes))
        for one in self.app._mail.mailboxes:
            while not one.trouble and await one._position.position(one.name) is None:  # noqa: ASYNC110 - sets no event
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Stop it as an operator does."""
        if self.app.workspace:
            await self.platform.close()
        self._stop.set()
        _, late = await asyncio.wait((self._task,), timeout=PATIENCE)
        assert not late, f"the desk does not stop; it waits for {asyncio.all_tasks()}"
        await self._task

    def channel(self, name: str = "support") -> Channel:
        return Channel(name, self.platform)

    async def until(self, what: Callable[[], object], told: Callable[[], object] = lambda: "") -> None:
        """Wait until it is true."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while not what():
            assert asyncio.get_running_loop().time() < end, f"it did not come to pass: {told()} {await self.troubles()}"
            await asyncio.sleep(0.01)

    async def troubles(self) -> dict[str, str]:
        """What /healthz complains about, by part."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}/healthz") as answer:
            parts = (await answer.json())["parts"]
        return {name: part["trouble"] for name, part in parts.items() if part["trouble"]}

    async def trouble_of(self, part: str, words: str) -> str:
        """Wait until /healthz says these words about a part (no words: until it is well); all that it says then."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while True:
            told = (await self.troubles()).get(part, "")
            if (words in told) if words else not told:
                return told
            assert asyncio.get_running_loop().time() < end, f"{part}: {told!r}"
            await asyncio.sleep(0.02)

    async def inquiries(self) -> list[tuple[str, str, str]]:
        """Queue, customer's address and subject of every inquiry, in order."""
        query = sa.select(inquiry.c.number, mail.c.queue, mail.c.sender, inquiry.c.subject).join(
            mail, mail.c.number == inquiry.c.number
        )
        outcomes = mail.c.outcome.in_(("opened", "unreadable"))
        async with self.app.database._reader.connect() as connection:
            rows = await connection.execute(query.where(outcomes).order_by(inquiry.c.number))
            return [(row.queue, row.sender, row.subject) for row in rows]
