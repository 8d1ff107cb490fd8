"""The inquiries, with their events and the customers' messages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.agent import Agent, Role
from bot.domain.customer import Customer
from bot.domain.errors import Conflict
from bot.domain.events import Act, Event, EventKind
from bot.domain.inquiry import Change, Inquiry, Status, excerpt
from bot.domain.message import Attachment, Message
from bot.notices import notices_of
from bot.ports import Letter, Opening, Recent, Thread
from storage.agents import agent_of
from storage.customers import MAIL, CustomerTable
from storage.outbox import OutboxTable
from storage.session import Session
from storage.tables import agent, customer, event, identity, inquiry, message

INTAKE = "mail"

_INQUIRY = (
    sa.select(
        inquiry,
        customer.c.name.label("customer_name"),
        agent.c.name.label("holder_name"),
        agent.c.role.label("holder_role"),
        agent.c.language.label("holder_language"),
        agent.c.time_zone.label("holder_time_zone"),
    )
    .join(customer, customer.c.id == inquiry.c.customer_id)
    .outerjoin(agent, agent.c.id == inquiry.c.holder_id)
)
_BY_NUMBER = _INQUIRY.where(inquiry.c.number == sa.bindparam("of"))
_SAVE = sa.update(inquiry).where(inquiry.c.number == sa.bindparam("of"), inquiry.c.version == sa.bindparam("seen"))
_HAPPENED = sa.insert(event)


class InquiryTable:
    """`bot.ports.Inquiries` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._outbox = OutboxTable(session)

    async def get(self, number: int) -> Inquiry | None:
        row = (await self._session.run(_BY_NUMBER, {"of": number})).one_or_none()
        return _inquiry(row) if row else None

    async def save(self, change: Change) -> None:
        before, after = change.before, change.after
        columns = _columns(after) | {"of": before.number, "seen": before.version}
        changed = await self._session.run(_SAVE, columns)
        if changed.rowcount != 1:
            raise Conflict(f"inquiry {before.number} is no longer at version {before.version}")
        await self._session.run(_HAPPENED, _event_columns(change.event))
        await self._outbox.say(after.queue, notices_of(change))

    async def open(self, openings: Sequence[Opening]) -> list[Inquiry]:
        if not openings:
            return []
        customers = await CustomerTable(self._session).found_or_made([item.message for item in openings])
        rows = [
            {
                "queue": item.queue,
                "customer_id": person.id,
                "address": item.message.from_address,
                "subject": item.message.subject,
                "status": Status.NEW,
                "opened_at": item.received_at,
                "waiting_since": item.received_at,
                "excerpt": excerpt(item.message),
                "attachments": len(item.message.attachments),
                "readable": item.readable,
                "related": item.related,
                **_FIRST,
            }
            for item, person in zip(openings, customers, strict=True)
        ]
        insert = sa.insert(inquiry).returning(inquiry.c.number, sort_by_parameter_order=True)
        numbers = (await self._session.run(insert, rows)).scalars().all()
        opened = [
            _opened(number, item, person) for number, item, person in zip(numbers, openings, customers, strict=True)
        ]
        events = [Event(one.number, 1, EventKind.OPENED, Act(one.opened_at, INTAKE)) for one in opened]
        await self._session.run(_HAPPENED, [_event_columns(one) for one in events])
        await self._session.run(
            sa.insert(message),
            [
                _message_columns(number, 1, item.message, item.mail, item.received_at)
                for number, item in zip(numbers, openings, strict=True)
            ],
        )
        await self._outbox.say_first_cards([(one.queue, one.number) for one in opened])
        return opened

    async def receive(self, change: Change, received: Message, mail: int, outgoing: bool = False) -> None:
        await self.save(change)
        columns = _message_columns(change.after.number, change.after.version, received, mail, change.event.act.at)
        await self._session.run(sa.insert(message), [columns | {"outgoing": outgoing}])

    async def fold(self, change: Change, messages: Sequence[tuple[Message, int]]) -> None:
        await self.save(change)
        number, version, at = change.after.number, change.after.version, change.event.act.at
        rows = [_message_columns(number, version, one, mail, at) for one, mail in messages]
        await self._session.run(sa.insert(message), rows)

    async def answered_by(self, queue: str, message_ids: Collection[str]) -> Mapping[str, Thread]:
        numbers = await self._numbers(queue, message_ids)
        query = sa.select(message.c.number, message.c.participants).where(
            message.c.number.in_(set(numbers.values())), message.c.outgoing.is_(False)
        )
        participants: dict[int, set[str]] = {number: set() for number in numbers.values()}
        for row in await self._session.run(query):
            participants[row.number].update(row.participants)
        return {one: Thread(number, frozenset(participants[number])) for one, number in numbers.items()}

    async def recent(self, queue: str, addresses: Collection[str], since: datetime) -> Mapping[str, Recent]:
        query = (
            sa.select(identity.c.value, sa.func.count().label("n"), sa.func.max(inquiry.c.number).label("newest"))
            .join(inquiry, inquiry.c.customer_id == identity.c.customer_id)
            .where(identity.c.kind == MAIL, identity.c.value.in_(addresses))
            .where(inquiry.c.queue == queue, inquiry.c.opened_at >= since)
            .group_by(identity.c.value)
        )
        return {row.value: Recent(row.n, row.newest) for row in await self._session.run(query)}

    async def _numbers(self, queue: str, message_ids: Collection[str]) -> dict[str, int]:
        query = (
            sa.select(message.c.message_id, message.c.number)
            .join(inquiry, inquiry.c.number == message.c.number)
            .where(message.c.message_id.in_([one for one in message_ids if one]), inquiry.c.queue == queue)
            .order_by(message.c.id)
        )
        return {row.message_id: row.number for row in await self._session.run(query)}

    async def waiting(self, queue: str | None, offset: int, limit: int) -> tuple[list[Inquiry], int]:
        unresolved = inquiry.c.status != Status.RESOLVED
        if queue is not None:
            unresolved &= inquiry.c.queue == queue
        page = (
            _INQUIRY.where(unresolved)
            .order_by(inquiry.c.holder_id.is_not(None), inquiry.c.waiting_since, inquiry.c.number)
            .offset(offset)
            .limit(limit)
        )
        total = sa.select(sa.func.count()).select_from(inquiry).where(unresolved)
        rows = (await self._session.run(page)).all()
        return [_inquiry(row) for row in rows], int((await self._session.run(total)).scalar_one())

    async def held_by(self, agent_id: int) -> list[Inquiry]:
        held = (inquiry.c.holder_id == agent_id) & (inquiry.c.status != Status.RESOLVED)
        rows = await self._session.run(_INQUIRY.where(held).order_by(inquiry.c.number))
        return [_inquiry(row) for row in rows]

    async def timeline(self, number: int) -> list[Event]:
        query = (
            sa.select(event, agent)
            .add_columns(agent.c.id.label("doer_id"))
            .outerjoin(agent, agent.c.id == event.c.agent_id)
            .where(event.c.number == number)
            .order_by(event.c.version)
        )
        return [
            Event(
                row.number,
                row.version,
                EventKind(row.kind),
                Act(row.at, row.source, agent_of(row) if row.doer_id is not None else None),
                row.details,
            )
            for row in await self._session.run(query)
        ]

    async def letters(self, number: int) -> list[Letter]:
        query = sa.select(message).where(message.c.number == number).order_by(message.c.id)
        return [
            Letter(row.number, row.version, row.at, _message(row), row.outgoing)
            for row in await self._session.run(query)
        ]


_FIRST = {"version": 1, "spoken_version": 1, "holder_version": 1, "messages": 1, "note": ""}


def _inquiry(row: Any) -> Inquiry:
    holder = None
    if row.holder_id is not None:
        role = Role(row.holder_role) if row.holder_role else None
        holder = Agent(row.holder_id, row.holder_name, role, row.holder_language, row.holder_time_zone)
    return Inquiry(
        number=row.number,
        queue=row.queue,
        subject=row.subject,
        customer=Customer(row.customer_id, row.customer_name, row.address),
        opened_at=row.opened_at,
        waiting_since=row.waiting_since,
        status=Status(row.status),
        holder=holder,
        held_since=row.held_since,
        resolved_at=row.resolved_at,
        answered_at=row.answered_at,
        related=row.related,
        note=row.note,
        excerpt=row.excerpt,
        attachments=row.attachments,
        messages=row.messages,
        readable=row.readable,
        version=row.version,
        spoken_version=row.spoken_version,
        holder_version=row.holder_version,
    )


def _opened(number: int, item: Opening, person: Customer) -> Inquiry:
    return Inquiry(
        number=number,
        queue=item.queue,
        subject=item.message.subject,
        customer=person,
        opened_at=item.received_at,
        waiting_since=item.received_at,
        excerpt=excerpt(item.message),
        attachments=len(item.message.attachments),
        readable=item.readable,
        related=item.related,
    )


def _columns(one: Inquiry) -> dict[str, Any]:
    """The columns that a change can touch."""
    return {
        "queue": one.queue,
        "status": one.status,
        "holder_id": one.holder.id if one.holder else None,
        "held_since": one.held_since,
        "waiting_since": one.waiting_since,
        "resolved_at": one.resolved_at,
        "answered_at": one.answered_at,
        "note": one.note,
        "excerpt": one.excerpt,
        "attachments": one.attachments,
        "messages": one.messages,
        "version": one.version,
        "spoken_version": one.spoken_version,
        "holder_version": one.holder_version,
    }


def _event_columns(one: Event) -> dict[str, Any]:
    return {
        "number": one.number,
        "version": one.version,
        "kind": one.kind,
        "at": one.act.at,
        "source": one.act.source,
        "agent_id": one.act.agent.id if one.act.agent else None,
        "details": dict(one.details),
    }


def _message_columns(number: int, version: int, one: Message, mail: int, at: datetime) -> dict[str, Any]:
    return {
        "number": number,
        "version": version,
        "mail_id": mail,
        "message_id": one.message_id,
        "at": at,
        "from_address": one.from_address,
        "from_name": one.from_name,
        "subject": one.subject,
        "text": one.text,
        "reply_text": one.reply_text,
        "outgoing": False,
        "participants": list(one.participants),
        "files": [asdict(file) for file in one.attachments],
    }


def _message(row: Any) -> Message:
    return Message(
        subject=row.subject,
        from_address=row.from_address,
        from_name=row.from_name,
        text=row.text,
        reply_text=row.reply_text,
        attachments=tuple(Attachment(**file) for file in row.files),
        message_id=row.message_id,
    )
