"""Everything around desks that are killed and that outlives them: mail on its way in, the chat, the database."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from adapters.mail.spool import deliver
from storage.tables import inquiry, mail, outbox, placement
from tests.fakes.chat_process import ServedChat
from tests.fakes.imap import FakeImap
from tests.support.desk_process import Desks, Order
from tests.support.dovecot import PASSWORD
from tests.support.mailboxes import MailServer

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds after which work that does not end counts as stuck."""
QUEUES = ("parcels", "returns")


class PostOffice(Protocol):
    """Where customers' mail waits for the desk."""

    def deliver(self, queue: str, content: bytes) -> None: ...

    def settings(self) -> dict[str, Any]:
        """How an `Order` names the place."""
        ...


class SpoolOffice:
    """A spool folder for each queue."""

    def __init__(self, folder: Path) -> None:
        self.folders = {name: folder / name for name in QUEUES}

    def deliver(self, queue: str, content: bytes) -> None:
        deliver(self.folders[queue], content)

    def settings(self) -> dict[str, Any]:
        return {"folders": tuple((name, str(path)) for name, path in self.folders.items())}


class ImapOffice:
    """A mailbox on a server for each queue, of users of this test alone."""

    def __init__(self, server: MailServer, prefix: str) -> None:
        self._server = server
        self.users = {queue: f"{prefix}.{queue}" for queue in QUEUES}
        for user in self.users.values():
            server.mailbox(user)

    def deliver(self, queue: str, content: bytes) -> None:
        self._server.put(self.users[queue], content)

    def seen(self) -> list[bytes]:
        """The mails that are marked, of all queues."""
        return [content for user in self.users.values() for content in self._server.seen(user)]

    def settings(self) -> dict[str, Any]:
        usual = {"host": "127.0.0.1", "port": self._server.port, "security": "plain", "password": PASSWORD}
        boxes = {queue: {**usual, "user": user, "look_back": 1} for queue, user in self.users.items()}
        return {"folders": (), "mailboxes": boxes}


class ImapThread:
    """Our own mail server at work in a thread, for tests that do not lend it their loop."""

    def __init__(self, server: FakeImap, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self.port, self.tls_port = server.port, server.tls_port

    def mailbox(self, user: str) -> None:
        self._there(lambda: self._server.mailbox(user))

    def put(self, user: str, content: bytes, folder: str = "INBOX", at: Any = None) -> None:
        self._there(lambda: self._server.put(user, content, folder, at))

    def contents(self, user: str, folder: str = "INBOX") -> list[bytes]:
        return self._there(lambda: self._server.contents(user, folder))

    def seen(self, user: str, folder: str = "INBOX") -> list[bytes]:
        return self._there(lambda: self._server.seen(user, folder))

    def renumber(self, user: str) -> None:
        self._there(lambda: self._server.renumber(user))

    def commands(self) -> list[str]:
        """What was asked so far."""
        return self._there(lambda: list(self._server.commands))

    def _there(self, what: Callable[[], T]) -> T:
        async def done() -> T:
            return what()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE)


@contextmanager
def imap_thread() -> Iterator[ImapThread]:
    """Our own mail server, until the end of the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="imap")
    thread.start()
    server = FakeImap()
    asyncio.run_coroutine_threadsafe(server.open(), loop).result(PATIENCE)
    try:
        yield ImapThread(server, loop)
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


class World:
    """The chat, the database and the mail; and what was sent."""

    def __init__(self, url: str, chat: ServedChat, log: Path, office: PostOffice) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.engine = sa.create_engine(parsed.set(drivername="sqlite") if self.is_sqlite else parsed)
        self.chat = chat
        self.office = office
        self.log = log
        self.url = url
        self.subjects: list[str] = []

    def order(self, **kind: Any) -> Order:
        given: dict[str, Any] = {"chat": self.chat.kind, **self.office.settings(), **kind}
        return Order(database_url=self.url, chat_port=self.chat.port, log=str(self.log), **given)

    def write(self, count: int) -> None:
        """Customers send so many mails, some of them not for the first time."""
        for _ in range(count):
            number = len(self.subjects)
            subject = f"Parcel {number:04}"
            content = (
                f"From: Customer {number % 60} <customer{number % 60}@example.com>\r\nTo: desk@example.com\r\n"
                f"Subject: {subject}\r\nMessage-ID: <{number}@example.com>\r\n\r\nWhere is {subject}?\r\n"
            )
            self.office.deliver(QUEUES[(number + 1) % 2], content.encode())
            self.subjects.append(subject)

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(query))

    def finish(self, expected: int) -> None:
        """Wait until so many mails are read and nothing is on its way."""
        self.until(lambda: self.is_quiet(expected))

    def until(self, what: Callable[[], object]) -> None:
        """Wait until it is true."""
        deadline = time.monotonic() + PATIENCE
        while not what():
            log = self.log.read_text() if self.log.exists() else ""
            assert time.monotonic() < deadline, f"stuck: {self.state()}\n{log[-3000:]}"
            time.sleep(0.05)

    def is_quiet(self, expected: int) -> bool:
        read = self.rows(sa.select(sa.func.count()).select_from(mail).where(mail.c.outcome != ""))[0][0]
        waiting = self.rows(sa.select(sa.func.count()).select_from(outbox).where(outbox.c.state != "done"))[0][0]
        return bool(read >= expected and not waiting)

    def state(self) -> dict[str, object]:
        mails = self.rows(sa.select(mail.c.outcome, sa.func.count()).group_by(mail.c.outcome))
        waiting = self.rows(sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state))
        return {"mails": dict(map(tuple, mails)), "outbox": dict(map(tuple, waiting)), "sent": len(self.subjects)}

    def stored(self) -> int:
        """How many mails are safe."""
        return int(self.rows(sa.select(sa.func.count()).select_from(mail))[0][0])

    def cards(self) -> Counter[str]:
        """How many cards of each subject stand in the chat."""
        return Counter(" ".join(one.title.split()[1:]) for one in self.chat.cards())

    def lost(self) -> set[str]:
        return set(self.subjects) - {subject for (subject,) in self.rows(sa.select(inquiry.c.subject))}

    def kill_again_and_again(
        self,
        desks: Desks,
        mails: int,
        kills: int,
        random: Random,
        rests: tuple[float, float] = (0.02, 0.3),
        **kind: Any,
    ) -> None:
        """Desks of a kind take in so many mails and are killed so often while they do; two share PostgreSQL.

        `rests`: the shortest and the longest time between the last mail and the kill, in seconds.
        """
        replicas = [desks.start(self.order(**kind)) for _ in range(1 if self.is_sqlite else 2)]
        for number in range(kills):
            due = mails * (number + 1) // (kills + 1) - len(self.subjects)
            self.write(due // 2)
            time.sleep(random.uniform(0.02, 0.5))
            self.write(due - due // 2)
            time.sleep(random.uniform(*rests))
            victim = random.randrange(len(replicas))
            desks.kill(replicas[victim])
            replicas[victim] = desks.start(self.order(**kind))
        self.write(mails - len(self.subjects))
        self.finish(mails)
        assert [desks.stop(pid) for pid in replicas] == [0] * len(replicas)

    def expect_each_once(self) -> None:
        """Of each mail there is one inquiry and one card, and the cards stand where the desk believes them to."""
        count = len(self.subjects)
        inquiries = Counter(subject for (subject,) in self.rows(sa.select(inquiry.c.subject)))
        sent = Counter(self.subjects)
        assert (sent - inquiries, inquiries - sent) == (Counter(), Counter()), self.state()
        assert self.cards() == Counter(self.subjects)
        assert self.state() == {"mails": {"opened": count}, "outbox": {"done": count}, "sent": count}
        standing = {(one.channel, one.message) for one in self.chat.cards()}
        placed = self.rows(sa.select(placement.c.posted_in, placement.c.message))
        assert {tuple(row) for row in placed} == standing
        if self.is_sqlite:
            with self.engine.connect() as connection:
                assert connection.exec_driver_sql("pragma integrity_check").scalar() == "ok"
