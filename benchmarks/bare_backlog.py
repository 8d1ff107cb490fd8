"""The floor under a backlog: fetch by a hundred, a plain parse, Core executemany, a transaction and flags a hundred."""

import asyncio
import resource
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from time import perf_counter
from typing import Any, NamedTuple

import sqlalchemy as sa
from imapclient import SEEN, IMAPClient
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.bare_claims import bare_engine
from storage.tables import customer, event, identity, inquiry, message
from tests.support.dovecot import PASSWORD

BATCH = 100
FIRST = {"status": "new", "version": 1, "spoken_version": 1, "holder_version": 1, "messages": 1, "readable": True}


class Parsed(NamedTuple):
    """One mail, as far as the floor reads it."""

    uid: int
    message_id: str
    references: list[str]
    address: str
    name: str
    subject: str
    text: str


async def take_in(url: str, port: int, user: str) -> float:
    """Take in all mail of a mailbox; the seconds that it took."""
    engine = bare_engine(url)
    begun = perf_counter()
    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login(user, PASSWORD)
        client.select_folder("INBOX")
        uids = client.search(["ALL"])
        for begin in range(0, len(uids), BATCH):
            some = uids[begin : begin + BATCH]
            fetched = client.fetch(some, ["BODY.PEEK[]"])
            parsed = [parse(uid, fetched[uid][b"BODY[]"]) for uid in some]
            async with engine.begin() as connection:
                await _stored(connection, parsed)
            client.add_flags(some, [SEEN], silent=True)
    taken = perf_counter() - begun
    await engine.dispose()
    return taken


def parse(uid: int, content: bytes) -> Parsed:
    """Subject, sender, references and text of a well-made mail, by the compat32 parser."""
    root = message_from_bytes(content)
    name, address = parseaddr(_decoded(root["From"]))
    told = f"{root['In-Reply-To'] or ''} {root['References'] or ''}".split()
    return Parsed(uid, str(root["Message-ID"]), told, address, name, _decoded(root["Subject"]), _text(root))


def _decoded(value: str) -> str:
    parts = decode_header(value)
    return "".join(one.decode(name or "ascii", "replace") if isinstance(one, bytes) else one for one, name in parts)


def _text(root: Message) -> str:
    for part in root.walk():
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            return content.decode(part.get_content_charset("utf-8"), "replace")
    return ""


async def _stored(connection: AsyncConnection, parsed: Sequence[Parsed]) -> None:
    """Three look-ups, then the rows of customers, inquiries, messages and events, and each mail as taken in."""
    ids = {one.message_id for one in parsed}
    known = await connection.execute(sa.select(message.c.message_id).where(message.c.message_id.in_(ids)))
    seen = set(known.scalars())
    fresh = [one for one in parsed if one.message_id not in seen]
    references = {ref for one in fresh for ref in one.references}
    query = sa.select(message.c.message_id, message.c.number).where(message.c.message_id.in_(references))
    threads = {row.message_id: row.number for row in await connection.execute(query)}
    people = await _customers(connection, fresh)
    now = datetime.now(UTC)

    heads = {one.message_id for one in fresh if not any(ref in threads or ref in ids for ref in one.references)}
    rows = [
        {
            **FIRST,
            "queue": "support",
            "customer_id": people[one.address],
            "address": one.address,
            "subject": one.subject,
            "opened_at": now,
            "waiting_since": now,
            "note": "",
            "excerpt": one.text[:400],
            "attachments": 0,
        }
        for one in fresh
        if one.message_id in heads
    ]
    numbers: Iterator[int] = iter(())
    if rows:
        insert = sa.insert(inquiry).returning(inquiry.c.number, sort_by_parameter_order=True)
        numbers = iter((await connection.execute(insert, rows)).scalars().all())
    versions: dict[int, int] = {}
    messages: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for one in fresh:
        number = next((threads[ref] for ref in one.references if ref in threads), None) or next(numbers)
        threads[one.message_id] = number
        version = versions[number] = versions.get(number, 10 * one.uid) + 1
        happened = {"number": number, "version": version, "at": now}
        events.append({**happened, "kind": "opened", "source": "mail", "details": {}})
        written = {"from_address": one.address, "from_name": one.name, "subject": one.subject, "text": one.text}
        told = {"message_id": one.message_id, "reply_text": one.text, "outgoing": False}
        messages.append({**happened, **written, **told, "participants": [], "files": []})
    if messages:
        await connection.execute(sa.insert(event), events)
        await connection.execute(sa.insert(message), messages)


async def _customers(connection: AsyncConnection, parsed: Sequence[Parsed]) -> dict[str, int]:
    names = {one.address: one.name for one in parsed}
    query = sa.select(identity.c.value, identity.c.customer_id).where(identity.c.value.in_(names))
    known = {row.value: row.customer_id for row in await connection.execute(query)}
    new = [address for address in names if address not in known]
    if new:
        insert = sa.insert(customer).returning(customer.c.id, sort_by_parameter_order=True)
        rows = [{"name": names[address], "created_at": datetime.now(UTC)} for address in new]
        made = dict(zip(new, (await connection.execute(insert, rows)).scalars().all(), strict=True))
        links = [{"kind": "mail", "value": address, "customer_id": id_} for address, id_ in made.items()]
        await connection.execute(sa.insert(identity), links)
        known |= made
    return known


if __name__ == "__main__":
    seconds = asyncio.run(take_in(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
