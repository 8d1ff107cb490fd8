"""Rows of inquiries, events and messages as the domain's nouns, and the nouns as rows."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.agent import Agent, Role
from bot.domain.customer import Customer
from bot.domain.events import Act, Event, EventKind
from bot.domain.inquiry import Inquiry, Status, excerpt
from bot.domain.message import Attachment, Message
from bot.ports import Opening
from storage.agents import agent_of
from storage.person_columns import person_caution, person_name
from storage.tables import agent, customer, event, inquiry

FIRST = {"version": 1, "spoken_version": 1, "holder_version": 1, "messages": 1, "note": ""}

INQUIRIES = (
    sa.select(
        inquiry,
        person_name(customer).label("customer_name"),
        person_caution(customer).label("customer_caution"),
        agent.c.name.label("holder_name"),
        agent.c.role.label("holder_role"),
        agent.c.language.label("holder_language"),
        agent.c.time_zone.label("holder_time_zone"),
    )
    .join(customer, customer.c.id == inquiry.c.customer_id)
    .outerjoin(agent, agent.c.id == inquiry.c.holder_id)
)
"""Rows that `inquiry_of` reads. A flag on any record of a person is a flag on the person."""
EVENTS = (
    sa.select(event, agent)
    .add_columns(agent.c.id.label("doer_id"))
    .outerjoin(agent, agent.c.id == event.c.agent_id)
    .order_by(event.c.number, event.c.version)
)
"""Rows that `event_of` reads, those of each inquiry in order."""


def inquiry_of(row: Any) -> Inquiry:
    holder = None
    if row.holder_id is not None:
        role = Role(row.holder_role) if row.holder_role else None
        holder = Agent(row.holder_id, row.holder_name, role, row.holder_language, row.holder_time_zone)
    return Inquiry(
        number=row.number,
        queue=row.queue,
        subject=row.subject,
        customer=Customer(row.customer_id, row.customer_name, row.address, row.customer_caution),
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
        erased_at=row.erased_at,
        tags=tuple(row.tags),
        waiting_until=row.waiting_until,
        waiting_for=row.waiting_for,
        snoozed_until=row.snoozed_until,
        due_at=row.due_at,
        due_target=row.due_target,
        policy=row.policy,
    )


def opened_inquiry(number: int, item: Opening, person: Customer) -> Inquiry:
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


def inquiry_columns(one: Inquiry) -> dict[str, Any]:
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
        "tags": list(one.tags),
        "waiting_until": one.waiting_until,
        "waiting_for": one.waiting_for,
        "snoozed_until": one.snoozed_until,
    }


def event_of(row: Any) -> Event:
    doer = agent_of(row) if row.doer_id is not None else None
    return Event(row.number, row.version, EventKind(row.kind), Act(row.at, row.source, doer), row.details)


def event_columns(one: Event) -> dict[str, Any]:
    return {
        "number": one.number,
        "version": one.version,
        "kind": one.kind,
        "at": one.act.at,
        "source": one.act.source,
        "agent_id": one.act.agent.id if one.act.agent else None,
        "details": dict(one.details),
    }


def message_columns(number: int, version: int, one: Message, mail: int | None, at: datetime) -> dict[str, Any]:
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


def message_of(row: Any) -> Message:
    return Message(
        subject=row.subject,
        from_address=row.from_address,
        from_name=row.from_name,
        text=row.text,
        reply_text=row.reply_text,
        attachments=tuple(Attachment(**file) for file in row.files),
        message_id=row.message_id,
    )
