"""Raw mail: bytes first, and later what became of them."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import Conflict
from bot.domain.message import Message, RawMail
from bot.ports import MailRecord, Outcome, StoredMail
from storage.dialects import PLACE, given, present, upsert
from storage.session import Session
from storage.tables import download, erased_mail, mail, mail_content

UNREAD = ""
SUSPECT = 2
"""Readings that were begun and not ended, after which a mail lets the others go first."""


_CONTENT = sa.insert(mail_content)
_UNREAD_OF = sa.select(mail.c.id).where(mail.c.id.in_(sa.bindparam("ids", expanding=True)), mail.c.outcome == UNREAD)


@cache
def _storing(names: tuple[str, ...], is_postgresql: bool) -> sa.Executable:
    """New mails, answering with what of them was not known by its identity.

    One whose bytes were erased is only noted, so that its mailbox is known to have it: it says nothing any more.
    """
    row = given(is_postgresql, **{name: mail.c[name].type for name in names})
    # Not EXISTS: PostgreSQL would read the whole ledger for each batch, instead of looking into it for each mail.
    erased = sa.select(sa.literal(Outcome.ERASED.value)).where(erased_mail.c.sha256 == row["sha256"]).scalar_subquery()
    values: dict[str, Any] = {
        **row,
        "outcome": sa.func.coalesce(erased, UNREAD),
        "begun_at": present(is_postgresql),
    }
    insert = upsert(mail, is_postgresql)
    if is_postgresql:
        values.pop(PLACE)
        rows = sa.select(*values.values()).order_by(row[PLACE])
        new = insert.from_select(list(values), rows, include_defaults=False)
    else:
        new = insert.values(values)
    columns = (mail.c.id, mail.c.mailbox, mail.c.validity, mail.c.uid, mail.c.outcome)
    return new.on_conflict_do_nothing().returning(*columns)


@cache
def _settling(is_postgresql: bool) -> sa.Executable:
    texts = {"became": sa.Text(), "by": sa.Text(), "on": sa.Text()}
    now = given(is_postgresql, mail=sa.Integer(), of=sa.Integer(), **texts)
    values = {"outcome": now["became"], "number": now["of"], "sender": now["by"], "subject": now["on"]}
    return sa.update(mail).where(mail.c.id == now["mail"], mail.c.outcome == UNREAD).values(values)


class MailTable:
    """`bot.ports.Mails` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def store(self, queue: str, batch: Sequence[RawMail]) -> list[StoredMail]:
        if not batch:
            return []
        by_identity = {(one.mailbox, one.validity, one.uid): one for one in batch}
        rows: list[dict[str, Any]] = [
            {
                "queue": queue,
                "mailbox": one.mailbox,
                "validity": one.validity,
                "uid": one.uid,
                "sha256": sha256(one.content).hexdigest(),
                "received_at": one.received_at,
                "sent": one.sent,
                "attempts": 1,
                "sender": "",
                "subject": "",
            }
            for one in by_identity.values()
        ]
        insert = _storing(tuple(rows[0]), self._session.is_postgresql)
        stored = await self._session.run_given(insert, rows)
        new = {(row.mailbox, row.validity, row.uid): row.id for row in stored if row.outcome == UNREAD}
        contents = [{"mail_id": id_, "content": by_identity[key].content} for key, id_ in new.items()]
        if contents:
            await self._session.run(_CONTENT, contents[0] if len(contents) == 1 else contents)
        return [StoredMail(new[key], queue, one, 1) for key, one in by_identity.items() if key in new]

    async def unread(self, since: timedelta, limit: int) -> list[int]:
        is_suspect = mail.c.attempts >= SUSPECT
        query = sa.select(mail.c.id).where(self._left(since)).order_by(is_suspect, mail.c.id).limit(limit)
        return list((await self._session.run(query)).scalars())

    async def attempt(self, mail_id: int, since: timedelta) -> StoredMail | None:
        counted = await self._session.run(
            sa.update(mail)
            .where(mail.c.id == mail_id, self._left(since))
            .values(attempts=mail.c.attempts + 1, begun_at=self._session.now())
        )
        if counted.rowcount != 1:
            return None
        query = (
            sa.select(mail, mail_content.c.content)
            .join(mail_content, mail_content.c.mail_id == mail.c.id)
            .where(mail.c.id == mail_id)
        )
        row = (await self._session.run(query)).one()
        return StoredMail(row.id, row.queue, _raw(row), row.attempts)

    async def lock(self, mails: Collection[int]) -> set[int]:
        locked = await self._session.run(self._session.skip_locked(_UNREAD_OF), {"ids": list(mails)})
        return set(locked.scalars())

    async def settle(self, outcomes: Mapping[int, tuple[Outcome, int | None]], messages: Mapping[int, Message]) -> None:
        rows = [
            {
                "mail": id_,
                "became": outcome.value,
                "of": number,
                "by": messages[id_].from_address if id_ in messages else "",
                "on": messages[id_].subject if id_ in messages else "",
            }
            for id_, (outcome, number) in outcomes.items()
        ]
        if rows:
            settled = await self._session.run_given(_settling(self._session.is_postgresql), rows)
            if settled.rowcount != len(rows):
                raise Conflict("a mail has been settled by somebody else")

    async def listed(self, outcome: Outcome | None, limit: int) -> list[MailRecord]:
        query = sa.select(mail).order_by(mail.c.id.desc()).limit(limit)
        if outcome:
            query = query.where(mail.c.outcome == outcome)
        return [_record(row) for row in await self._session.run(query)]

    async def offer(self, number: int, agent_id: int, lasts: timedelta) -> list[tuple[MailRecord, str]]:
        has_bytes = sa.exists().where(mail_content.c.mail_id == mail.c.id)
        query = sa.select(mail).where(mail.c.number == number, has_bytes).order_by(mail.c.id)
        offers = [(_record(row), secrets.token_urlsafe(24)) for row in await self._session.run(query)]
        await self._session.run(sa.delete(download).where(download.c.until < self._session.now()))
        if offers:
            insert = sa.insert(download).values(until=self._session.now(lasts))
            rows = [{"token": token, "mail_id": one.id, "agent_id": agent_id} for one, token in offers]
            await self._session.run(insert, rows)
        return offers

    async def offered(self, token: str) -> bytes | None:
        query = (
            sa.select(mail_content.c.content)
            .join(download, download.c.mail_id == mail_content.c.mail_id)
            .where(download.c.token == token, download.c.until >= self._session.now())
        )
        return (await self._session.run(query)).scalar_one_or_none()

    async def set_aside(self, since: datetime) -> int:
        query = (
            sa.select(sa.func.count())
            .select_from(mail)
            .where(mail.c.outcome == Outcome.ROBOT, mail.c.received_at >= since)
        )
        return int((await self._session.run(query)).scalar_one())

    def _left(self, since: timedelta) -> sa.ColumnElement[bool]:
        """Unread, and nobody has begun to read it for so long."""
        return sa.and_(mail.c.outcome == UNREAD, mail.c.begun_at <= self._session.now(-since))


def _record(row: Any) -> MailRecord:
    outcome = Outcome(row.outcome) if row.outcome else None
    return MailRecord(row.id, row.mailbox, row.received_at, outcome, row.number, row.sender, row.subject)


def _raw(row: Any) -> RawMail:
    return RawMail(row.mailbox, row.validity, row.uid, row.content, row.received_at, row.sent)
