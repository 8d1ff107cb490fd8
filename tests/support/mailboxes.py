"""Mailboxes for tests: their settings on the loopback, mails that say which they are, and intake at work."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from adapters.mail.imap.config import MailboxConfig
from adapters.mail.imap.patience import Patience
from adapters.mail.inbox import ImapInbox
from bot.ports import Lease
from tests.fakes.mail_storage import MailStorage
from tests.support.dovecot import PASSWORD

PATIENCE = 20.0
QUICK = Patience(connect=5, read=5, rests=(0.02,), long_rests=(0.05,), beat=0.2)
"""For faults that are over at once."""
IMPATIENT = Patience(connect=5, read=0.3, rests=(0.02,), long_rests=(0.05,), beat=0.2)
"""For servers that hang."""
DEAF = Patience(connect=60, read=60, rests=(60,), long_rests=(60,))
"""Only an interruption ends what this one waits for."""


class MailServer(Protocol):
    """What both servers can do for a test. Every user has the same password."""

    port: int
    tls_port: int

    def mailbox(self, user: str) -> None: ...
    def put(self, user: str, content: bytes, folder: str = "INBOX", at: datetime | None = None) -> None: ...
    def contents(self, user: str, folder: str = "INBOX") -> list[bytes]: ...
    def seen(self, user: str, folder: str = "INBOX") -> list[bytes]: ...
    def renumber(self, user: str) -> None: ...


def mailbox(port: int, user: str, **changes: Any) -> MailboxConfig:
    """A mailbox on the loopback, without TLS."""
    usual: dict[str, Any] = {"security": "plain", "password": PASSWORD, "poll_seconds": 60}
    return MailboxConfig("support", "support", "127.0.0.1", user, port=port, **{**usual, **changes})


def inbox_of(
    config: MailboxConfig, storage: MailStorage, patience: Patience = QUICK, lease: Lease | None = None
) -> ImapInbox:
    return ImapInbox(config, storage, lambda: datetime.now(UTC), lease, patience=patience)


def mail(number: int, **headers: str) -> bytes:
    """A mail that says which it is. A server may put \\r\\n for \\n, so there is none of those alone."""
    lines = {"From": "emma@example.com", "Subject": f"question {number}", **headers}
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode() + b"\r\nhello\r\n"


@contextlib.asynccontextmanager
async def taken_in(inbox: ImapInbox, storage: MailStorage) -> AsyncIterator[None]:
    """Intake is at work inside."""
    task = asyncio.create_task(storage.take_in(inbox))
    try:
        yield
    finally:
        task.cancel()
        outcome = (await asyncio.gather(task, return_exceptions=True))[0]
        assert isinstance(outcome, asyncio.CancelledError), outcome


async def until(condition: Callable[[], bool], told: Callable[[], object] = lambda: "") -> None:
    """Wait for it; a test that waits in vain fails here."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - what happens elsewhere sets no event
                await asyncio.sleep(0.005)
    assert condition(), told()


async def watching(inbox: ImapInbox, storage: MailStorage) -> None:
    """Wait until the mailbox is watched, so that what comes now is new."""
    await until(lambda: inbox.name in storage.positions, lambda: inbox.trouble)
