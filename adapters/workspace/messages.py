"""The workspace's own database: messages, how far people have read, and the mails written as a customer."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import Row

import aiosqlite

SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    parent INTEGER REFERENCES message (id),
    author TEXT NOT NULL,
    key TEXT UNIQUE,
    body TEXT NOT NULL,
    posted_at TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS message_by_channel ON message (channel, parent, id);
CREATE INDEX IF NOT EXISTS message_by_parent ON message (parent, id);
CREATE TRIGGER IF NOT EXISTS thread_grew AFTER INSERT ON message WHEN new.parent IS NOT NULL
BEGIN UPDATE message SET revision = revision + 1 WHERE id = new.parent; END;
CREATE TRIGGER IF NOT EXISTS thread_shrank AFTER UPDATE OF deleted ON message WHEN new.parent IS NOT NULL
BEGIN UPDATE message SET revision = revision + 1 WHERE id = new.parent; END;
CREATE TABLE IF NOT EXISTS reading (
    person TEXT NOT NULL, channel TEXT NOT NULL, upto INTEGER NOT NULL, PRIMARY KEY (person, channel)
);
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    thread TEXT NOT NULL
);
"""

SELECT = """
SELECT m.*, count(r.id) AS replies, max(r.posted_at) AS last_reply
FROM message m LEFT JOIN message r ON r.parent = m.id AND r.deleted = 0
WHERE m.deleted = 0 AND {where} GROUP BY m.id ORDER BY m.id {order}
"""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as it stands. `author` is a person's handle, or empty for Madoguchi itself.

    `body` holds either `text` or `card`. `revision` grows with every change, replies included.
    """

    id: int
    channel: str
    parent: int | None
    author: str
    body: Mapping[str, object]
    posted_at: str
    revision: int
    replies: int
    last_reply: str | None

    def json(self) -> dict[str, object]:
        """The message for the page."""
        return {
            "id": self.id,
            "channel": self.channel,
            "parent": self.parent,
            "author": self.author,
            **self.body,
            "at": self.posted_at,
            "revision": self.revision,
            "replies": self.replies,
            "last_reply": self.last_reply,
        }


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """A mail that was written as a customer; `thread` holds the Message-IDs before it, the oldest first."""

    queue: str
    name: str
    address: str
    subject: str
    message_id: str
    thread: tuple[str, ...]
    id: int = 0


class Messages:
    """Messages in one SQLite file. Every change is one statement, committed when the call returns."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._db = connection

    @classmethod
    async def open(cls, file: Path) -> "Messages":
        """Open the file, making it and its tables where they are missing."""
        file.parent.mkdir(parents=True, exist_ok=True)
        connection = await aiosqlite.connect(file, isolation_level=None)
        connection.row_factory = Row
        await connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000;"
            "PRAGMA secure_delete=ON;" + SCHEMA
        )
        return cls(connection)

    async def close(self) -> None:
        """Close the file; calls after this raise ValueError."""
        await self._db.close()

    async def add(
        self,
        channel: str,
        author: str,
        body: Mapping[str, object],
        at: datetime,
        key: str | None = None,
        parent: int | None = None,
    ) -> tuple[int, bool]:
        """Store a message; the id, and whether it is new: a key that was used before brings its message."""
        rows = await self._fetch(
            "INSERT INTO message (channel, parent, author, key, body, posted_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (key) DO NOTHING RETURNING id",
            (channel, parent, author, key, json.dumps(body), at.isoformat()),
        )
        if rows:
            return int(rows[0]["id"]), True
        [row] = await self._fetch("SELECT id FROM message WHERE key = ?", (key,))
        return int(row["id"]), False

    async def change(self, message: int, body: Mapping[str, object]) -> bool:
        """Give a message a new body; False when it exists no longer."""
        rows = await self._fetch(
            "UPDATE message SET body = ?, revision = revision + 1 WHERE id = ? AND deleted = 0 RETURNING id",
            (json.dumps(body), message),
        )
        return bool(rows)

    async def delete(self, message: int) -> bool:
        """Take a message away with what it says; its key stays used. False when it was gone already."""
        rows = await self._fetch(
            "UPDATE message SET deleted = 1, body = '{}' WHERE id = ? AND deleted = 0 RETURNING id", (message,)
        )
        return bool(rows)

    async def forget_mails(self, addresses: Collection[str]) -> int:
        """Forget the mails that were written as a customer with one of these addresses (lower case); says how many."""
        rows = await self._fetch(
            "DELETE FROM mail WHERE lower(address) IN (SELECT value FROM json_each(?)) RETURNING id",
            (json.dumps(list(addresses)),),
        )
        return len(rows)

    async def scrub(self) -> bool:
        """Leave no byte of what was deleted or changed in the file or beside it, also of what was only hidden once.

        False while somebody still reads there: try again.
        """
        await self._fetch("UPDATE message SET body = '{}' WHERE deleted = 1 AND body != '{}'", ())
        await self._fetch("VACUUM", ())
        return await self.settle()

    async def settle(self) -> bool:
        """Empty the write-ahead log, which keeps what was said before. False while somebody still reads there."""
        [row] = await self._fetch("PRAGMA wal_checkpoint(TRUNCATE)", ())
        return not row[0]

    async def get(self, message: int) -> StoredMessage | None:
        """One message, or None when it is unknown or deleted."""
        found = await self._select("m.id = ?", (message,))
        return found[0] if found else None

    async def page(self, channel: str, before: int | None, limit: int) -> tuple[list[StoredMessage], bool]:
        """The newest `limit` messages of a channel before `before`, oldest first; are there older ones?"""
        where = "m.channel = ? AND m.parent IS NULL AND m.id < ?"
        newest = await self._select(where, (channel, before or 2**62), f"DESC LIMIT {limit + 1}")
        return newest[limit - 1 :: -1] if len(newest) >= limit else newest[::-1], len(newest) > limit

    async def thread(self, root: int) -> list[StoredMessage]:
        """The replies under a message, oldest first."""
        return await self._select("m.parent = ?", (root,))

    async def find(self, channel: str, key: str, since: datetime) -> int | None:
        """The id of the message posted into the channel (or a thread of it) under `key` since then."""
        rows = await self._fetch(
            "SELECT id FROM message WHERE key = ? AND channel = ? AND julianday(posted_at) >= julianday(?)",
            (key, channel, since.isoformat()),
        )
        return int(rows[0]["id"]) if rows else None

    async def mark_read(self, person: str, channel: str, upto: int) -> None:
        """Remember that a person has read a channel up to a message; never moves back."""
        await self._fetch(
            "INSERT INTO reading VALUES (?, ?, ?) ON CONFLICT (person, channel)"
            " DO UPDATE SET upto = max(upto, excluded.upto)",
            (person, channel, upto),
        )

    async def unread(self, person: str, channel: str) -> int:
        """How many messages of others in a channel the person has not read; replies are not counted."""
        [row] = await self._fetch(
            "SELECT count(*) AS n FROM message WHERE channel = ? AND parent IS NULL AND deleted = 0"
            " AND author != ? AND id > coalesce("
            "(SELECT upto FROM reading WHERE person = ? AND channel = ?), 0)",
            (channel, person, person, channel),
        )
        return int(row["n"])

    async def add_mail(self, mail: WrittenMail) -> None:
        """Remember a mail written as a customer, so that a later one can answer it."""
        await self._fetch(
            "INSERT INTO mail (queue, name, address, subject, message_id, thread) VALUES (?, ?, ?, ?, ?, ?)",
            (mail.queue, mail.name, mail.address, mail.subject, mail.message_id, " ".join(mail.thread)),
        )

    async def mails(self, limit: int = 30) -> list[WrittenMail]:
        """The mails last written as a customer, newest first."""
        rows = await self._fetch("SELECT * FROM mail ORDER BY id DESC LIMIT ?", (limit,))
        return [_mail(row) for row in rows]

    async def mail(self, number: int) -> WrittenMail | None:
        """One mail written as a customer."""
        rows = await self._fetch("SELECT * FROM mail WHERE id = ?", (number,))
        return _mail(rows[0]) if rows else None

    async def _select(self, where: str, values: Sequence[object], order: str = "ASC") -> list[StoredMessage]:
        return [_message(row) for row in await self._fetch(SELECT.format(where=where, order=order), values)]

    async def _fetch(self, statement: str, values: Sequence[object]) -> list[Row]:
        return list(await self._db.execute_fetchall(statement, values))


def _message(row: Row) -> StoredMessage:
    return StoredMessage(
        row["id"],
        row["channel"],
        row["parent"],
        row["author"],
        json.loads(row["body"]),
        row["posted_at"],
        row["revision"],
        row["replies"],
        row["last_reply"],
    )


def _mail(row: Row) -> WrittenMail:
    return WrittenMail(
        row["queue"],
        row["name"],
        row["address"],
        row["subject"],
        row["message_id"],
        tuple(row["thread"].split()),
        row["id"],
    )
