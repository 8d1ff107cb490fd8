"""The inquiries, with their events and the customers' messages."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import Conflict
from bot.domain.events import Act, Event, EventKind
from bot.domain.inquiry import Change, Inquiry, Status, excerpt
from bot.domain.message import Message
from bot.notices import Notice, NoticeKind, notices_of
from bot.ports import Joining, Letter, Opening, Recent, TextKind, Thread
from storage.customers import MAIL, CustomerTable
from storage.inquiry_rows import (
    EVENTS,
    FIRST,
    INQUIRIES,
    event_columns,
    event_of,
    inquiry_columns,
    inquiry_of,
    message_columns,
    message_of,
    opened_inquiry,
)
from storage.outbox import OutboxTable
from storage.search import SearchTable
from storage.session import Session
from storage.tables import agent, customer, event, identity, inquiry, message

INTAKE = "mail"
NO_MAIL = 0

_BY_NUMBER = INQUIRIES.where(inquiry.c.number == sa.bindparam("of"))
_SAVE = sa.update(inquiry).where(inquiry.c.number == sa.bindparam("of"), inquiry.c.version == sa.bindparam("seen"))
_BY_NUMBERS = INQUIRIES.where(inquiry.c.number.in_(sa.bindparam("those", expanding=True)))
_WRITTEN = sa.insert(message)
_OF_MESSAGES = (
    sa.select(message.c.message_id, message.c.number)
    .join(inquiry, inquiry.c.number == message.c.number)
    .where(message.c.message_id.in_(sa.bindparam("ids", expanding=True)), inquiry.c.queue == sa.bindparam("queue"))
    .order_by(message.c.id)
)
_SPOKEN = sa.select(message.c.number, message.c.participants, message.c.at).where(
    message.c.number.in_(sa.bindparam("numbers", expanding=True)), message.c.outgoing.is_(False)
)
_RECENT = (
    sa.select(identity.c.value, sa.func.count().label("n"), sa.func.max(inquiry.c.number).label("newest"))
    .join(customer, customer.c.id == identity.c.customer_id)
    .join(inquiry, inquiry.c.customer_id == sa.func.coalesce(customer.c.person_id, customer.c.id))
    .where(sa.func.coalesce(inquiry.c.record_id, inquiry.c.customer_id) == customer.c.id)
    .where(identity.c.kind == MAIL, identity.c.value.in_(sa.bindparam("addresses", expanding=True)))
    .where(inquiry.c.queue == sa.bindparam("queue"), inquiry.c.opened_at >= sa.bindparam("since"))
    .group_by(identity.c.value)
)


class InquiryTable:
    """`bot.ports.Inquiries` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._outbox = OutboxTable(session)
        self._search = SearchTable(session)

    async def get(self, number: int) -> Inquiry | None:
        row = (await self._session.run(_BY_NUMBER, {"of": number})).one_or_none()
        return inquiry_of(row) if row else None

    async def all_of(self, numbers: Collection[int]) -> Mapping[int, Inquiry]:
        rows = await self._session.run(_BY_NUMBERS, {"those": list(numbers)})
        return {row.number: inquiry_of(row) for row in rows}

    async def save(self, change: Change) -> None:
        await self._save_all([change])

    async def _save_all(self, changes: Sequence[Change]) -> None:
        columns = [
            inquiry_columns(one.after) | {"of": one.before.number, "seen": one.before.version} for one in changes
        ]
        changed = await self._session.run(_SAVE, _one_or_many(columns))
        if changed.rowcount != len(changes):
            numbers = ", ".join(str(one.before.number) for one in changes)
            raise Conflict(f"inquiry {numbers} is no longer at the version it was changed from")
        await self._session.insert(event, [event_columns(one.event) for one in changes])
        said = {  # of a card that changes several times, the last change
            (one.after.number, notice.kind, notice.kind is NoticeKind.CARD or notice): (one.after.queue, notice)
            for one in changes
            for notice in notices_of(one)
        }
        await self._outbox.say(list(said.values()))
        noted = [one.after.number for one in changes if one.event.kind is EventKind.RESOLVED]
        await self._search.changed(TextKind.ANSWER, noted)

    async def open(self, openings: Sequence[Opening]) -> list[Inquiry]:
        return await self._opened(openings, [Act(item.received_at, INTAKE) for item in openings])

    async def record(self, queue: str, message: Message, act: Act, customer_: int | None = None) -> Inquiry:
        [opened] = await self._opened([Opening(queue, message, act.at, NO_MAIL)], [act], customer_)
        return opened

    async def _opened(
        self, openings: Sequence[Opening], acts: Sequence[Act], customer_: int | None = None
    ) -> list[Inquiry]:
        if not openings:
            return []
        by_mail, people = all(item.mail != NO_MAIL for item in openings), CustomerTable(self._session)
        named = await people.named(customer_, openings[0].message) if customer_ is not None else None
        senders = [named] if named else await people.found_or_made([item.message for item in openings], by_mail)
        rows = [
            {
                "queue": item.queue,
                "customer_id": sender.customer.id,
                "record_id": sender.record,
                "address": item.message.from_address,
                "subject": item.message.subject,
                "status": Status.NEW,
                "opened_at": item.received_at,
                "waiting_since": item.received_at,
                "excerpt": excerpt(item.message),
                "attachments": len(item.message.attachments),
                "readable": item.readable,
                "related": item.related,
                **FIRST,
            }
            for item, sender in zip(openings, senders, strict=True)
        ]
        numbers = await self._session.insert_numbered(inquiry, rows)
        opened = [
            opened_inquiry(number, item, sender.customer)
            for number, item, sender in zip(numbers, openings, senders, strict=True)
        ]
        events = [Event(one.number, 1, EventKind.OPENED, act) for one, act in zip(opened, acts, strict=True)]
        await self._session.insert(event, [event_columns(one) for one in events])
        letters = [
            message_columns(number, 1, item.message, item.mail or None, item.received_at)
            for number, item in zip(numbers, openings, strict=True)
        ]
        await self._session.run(_WRITTEN, _one_or_many(letters))
        await self._outbox.say([(one.queue, Notice(NoticeKind.CARD, one.number, 1)) for one in opened])
        await self._search.changed(TextKind.INQUIRY, numbers)
        return opened

    async def join(self, joinings: Sequence[Joining]) -> None:
        if not joinings:
            return
        # In one order everywhere, so that no two processes wait for each other; it keeps that within an inquiry.
        ordered = sorted(joinings, key=lambda one: one.change.before.number)
        await self._save_all([one.change for one in ordered])
        rows = [
            message_columns(
                one.change.after.number, one.change.after.version, one.message, one.mail, one.change.event.act.at
            )
            | {"outgoing": one.outgoing}
            for one in ordered
        ]
        await self._session.run(_WRITTEN, _one_or_many(rows))
        for kind, outgoing in ((TextKind.INQUIRY, False), (TextKind.ANSWER, True)):
            await self._search.changed(kind, [one.change.after.number for one in ordered if one.outgoing is outgoing])

    async def fold(self, change: Change, messages: Sequence[tuple[Message, int]]) -> None:
        await self.save(change)
        number, version, at = change.after.number, change.after.version, change.event.act.at
        rows = [message_columns(number, version, one, mail, at) for one, mail in messages]
        await self._session.run(_WRITTEN, _one_or_many(rows))
        await self._search.changed(TextKind.INQUIRY, [number])

    async def answered_by(self, queue: str, message_ids: Collection[str]) -> Mapping[str, Thread]:
        numbers = await self._numbers(queue, message_ids)
        participants: dict[int, set[str]] = {number: set() for number in numbers.values()}
        spoken_at: dict[int, datetime] = {}
        if numbers:
            for row in await self._session.run(_SPOKEN, {"numbers": list(participants)}):
                participants[row.number].update(row.participants)
                spoken_at[row.number] = max(row.at, spoken_at.get(row.number, row.at))
        return {
            one: Thread(number, frozenset(participants[number]), spoken_at[number])
            for one, number in numbers.items()
            if number in spoken_at
        }

    async def recent(self, queue: str, addresses: Collection[str], since: datetime) -> Mapping[str, Recent]:
        rows = await self._session.run(_RECENT, {"queue": queue, "addresses": list(addresses), "since": since})
        return {row.value: Recent(row.n, row.newest) for row in rows}

    async def _numbers(self, queue: str, message_ids: Collection[str]) -> dict[str, int]:
        rows = await self._session.run(_OF_MESSAGES, {"queue": queue, "ids": [one for one in message_ids if one]})
        return {row.message_id: row.number for row in rows}

    async def waiting(self, queue: str | None, offset: int, limit: int) -> tuple[list[Inquiry], int]:
        unresolved = inquiry.c.status != Status.RESOLVED
        if queue is not None:
            unresolved &= inquiry.c.queue == queue
        page = (
            INQUIRIES.where(unresolved)
            .order_by(inquiry.c.holder_id.is_not(None), inquiry.c.waiting_since, inquiry.c.number)
            .offset(offset)
            .limit(limit)
        )
        total = sa.select(sa.func.count()).select_from(inquiry).where(unresolved)
        rows = (await self._session.run(page)).all()
        return [inquiry_of(row) for row in rows], int((await self._session.run(total)).scalar_one())

    async def waiting_since(self, before: datetime, limit: int) -> list[Inquiry]:
        late = (inquiry.c.status != Status.RESOLVED) & (inquiry.c.waiting_since < before)
        query = INQUIRIES.where(late).order_by(inquiry.c.waiting_since, inquiry.c.number).limit(limit)
        return [inquiry_of(row) for row in await self._session.run(query)]

    async def overdue(self, now: datetime, limit: int) -> list[Inquiry]:
        late = (inquiry.c.due_at.is_not(None)) & (inquiry.c.due_at < now) & (inquiry.c.status != Status.RESOLVED)
        query = INQUIRIES.where(late).order_by(inquiry.c.due_at, inquiry.c.number).limit(limit)
        return [inquiry_of(row) for row in await self._session.run(query)]

    async def held_by(self, agent_id: int) -> list[Inquiry]:
        held = (inquiry.c.holder_id == agent_id) & (inquiry.c.status != Status.RESOLVED)
        rows = await self._session.run(INQUIRIES.where(held).order_by(inquiry.c.number))
        return [inquiry_of(row) for row in rows]

    async def abandoned(self) -> list[Inquiry]:
        open_and_held = (inquiry.c.status != Status.RESOLVED) & inquiry.c.holder_id.is_not(None)
        query = INQUIRIES.where(open_and_held, agent.c.role.is_(None)).order_by(inquiry.c.number)
        return [inquiry_of(row) for row in await self._session.run(query)]

    async def timeline(self, number: int) -> list[Event]:
        rows = await self._session.run(EVENTS.where(event.c.number == number))
        return [event_of(row) for row in rows]

    async def letters(self, number: int) -> list[Letter]:
        query = sa.select(message).where(message.c.number == number).order_by(message.c.id)
        return [
            Letter(row.number, row.version, row.at, message_of(row), row.outgoing)
            for row in await self._session.run(query)
        ]


def _one_or_many(rows: list[dict[str, Any]]) -> list[dict[str, Any]] | dict[str, Any]:
    """A single row by itself: the database is asked for less than it is for many."""
    return rows[0] if len(rows) == 1 else rows
