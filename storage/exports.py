"""All that is held about a person, as JSON knows it: in one order each time, without the mails' bytes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.agent import Agent
from bot.domain.phone import PhoneCall
from storage.call_reports import read
from storage.session import Session
from storage.tables import (
    agent,
    customer,
    customer_event,
    customer_note,
    escalation,
    event,
    follow_up,
    identity,
    inquiry,
    mail,
    mail_content,
    message,
    phone_call,
)
from storage.unindexing import chunks

FORMAT = "madoguchi-person-1"
_Told = tuple[int | None, dict[str, object]]
"""What is told of something, with the inquiry that it belongs to."""
_CALLS = sa.select(phone_call)
_NOBODY = Agent(0, "")


async def everything(
    session: Session,
    person: int,
    records: Sequence[int],
    numbers: Sequence[int],
    mails: Sequence[int],
    calls: Sequence[int],
) -> Mapping[str, object]:
    """These records, inquiries, mails and calls; what belongs to no inquiry of theirs comes by itself.

    What the team says to one another during a call is no data about the caller, and no part of this.
    """
    reading = _Reading(session, await _names(session))
    theirs, talks = await reading.mails(mails), await reading.calls(calls)
    return {
        "format": FORMAT,
        "person": person,
        "records": [await reading.record(one) for one in records],
        "inquiries": [await reading.inquiry(one, theirs, talks) for one in numbers],
        "other_mails": [told for number, told in theirs if number not in set(numbers)],
        "other_calls": [told for number, told in talks if number not in set(numbers)],
    }


class _Reading:
    def __init__(self, session: Session, names: Mapping[int, str]) -> None:
        self._session = session
        self._names = names

    async def record(self, number: int) -> dict[str, object]:
        [row] = await self._rows(sa.select(customer).where(customer.c.id == number))
        known = sa.select(identity).where(identity.c.customer_id == number).order_by(identity.c.kind, identity.c.value)
        notes = sa.select(customer_note).where(customer_note.c.customer_id == number).order_by(customer_note.c.id)
        events = sa.select(customer_event).where(customer_event.c.customer_id == number).order_by(customer_event.c.id)
        return {
            "id": row.id,
            "joined_to": row.merged_into,
            "since": row.created_at.isoformat(),
            "name": row.name,
            "kana": row.kana,
            "language": row.language,
            "tags": row.tags,
            "caution": row.caution,
            "identities": [{"kind": one.kind, "value": one.value} for one in await self._rows(known)],
            "notes": [self._by(one) | {"text": one.text} for one in await self._rows(notes)],
            "events": [self._by(one) | {"kind": one.kind, "details": one.details} for one in await self._rows(events)],
        }

    async def inquiry(self, number: int, mails: Collection[_Told], calls: Collection[_Told]) -> dict[str, object]:
        [row] = await self._rows(sa.select(inquiry).where(inquiry.c.number == number))
        events = sa.select(event).where(event.c.number == number).order_by(event.c.version)
        messages = sa.select(message).where(message.c.number == number).order_by(message.c.id)
        follow_ups = sa.select(follow_up).where(follow_up.c.number == number).order_by(follow_up.c.id)
        escalations = sa.select(escalation).where(escalation.c.number == number).order_by(escalation.c.id)
        return {
            "number": row.number,
            "queue": row.queue,
            "address": row.address,
            "subject": row.subject,
            "status": row.status,
            "holder": self._names.get(row.holder_id),
            "opened_at": row.opened_at.isoformat(),
            "resolved_at": _time(row.resolved_at),
            "note": row.note,
            "excerpt": row.excerpt,
            "tags": row.tags,
            "waiting_for": row.waiting_for,
            "waiting_until": _time(row.waiting_until),
            "follow_ups": [self._by(one) | {"note": one.note} for one in await self._rows(follow_ups)],
            "escalations": [self._escalation(one) for one in await self._rows(escalations)],
            "events": [
                self._by(one) | {"kind": one.kind, "from": one.source, "details": one.details}
                for one in await self._rows(events)
            ],
            "messages": [_message(one) for one in await self._rows(messages)],
            "mails": [told for of, told in mails if of == number],
            "calls": [told for of, told in calls if of == number],
        }

    async def calls(self, ids: Sequence[int]) -> list[_Told]:
        """The inquiry of each call, and when it was, with whom of the team, how long, and what came of it."""
        found = [row for some in chunks(ids) for row in await self._rows(_CALLS.where(phone_call.c.id.in_(some)))]
        return [(row.number, self._call(row)) for row in sorted(found, key=lambda row: int(row.id))]

    def _call(self, row: Any) -> dict[str, object]:
        told = PhoneCall(agent=_NOBODY, reports=read(row.reports))
        return {
            "at": _time(told.started_at),
            "by": self._names.get(row.agent_id),
            "number": row.caller,
            "seconds": told.length.total_seconds() if told.length is not None else None,
            "outcome": told.outcome,
        }

    async def mails(self, ids: Sequence[int]) -> list[_Told]:
        """The inquiry and what is known of each mail; its bytes themselves are the mail as it was sent."""
        size = sa.func.length(mail_content.c.content).label("size")
        query = sa.select(mail, size).join(mail_content, mail_content.c.mail_id == mail.c.id)
        found = await self._rows(query.where(mail.c.id.in_(ids)).order_by(mail.c.id))
        return [
            (
                row.number,
                {
                    "mailbox": row.mailbox,
                    "uid": row.uid,
                    "received_at": row.received_at.isoformat(),
                    "became": row.outcome,
                    "sender": row.sender,
                    "subject": row.subject,
                    "sha256": row.sha256,
                    "bytes": row.size,
                },
            )
            for row in found
        ]

    def _escalation(self, row: Any) -> dict[str, object]:
        return self._by(row) | {
            "help": row.help,
            "urgency": row.urgency,
            "criterion": row.criterion,
            "content": row.content,
            "tried": row.tried,
            "state": row.state,
            "answer": row.answer,
            "answered_by": self._names.get(row.answered_by),
            "answered_at": _time(row.answered_at),
            "feedback": row.feedback,
        }

    def _by(self, row: Any) -> dict[str, object]:
        return {"at": row.at.isoformat(), "by": self._names.get(row.agent_id)}

    async def _rows(self, query: sa.Select[Any]) -> Sequence[Any]:
        return (await self._session.run(query)).all()


async def _names(session: Session) -> dict[int, str]:
    return {row.id: row.name for row in await session.run(sa.select(agent.c.id, agent.c.name))}


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _message(row: Any) -> dict[str, object]:
    return {
        "at": row.at.isoformat(),
        "direction": "out" if row.outgoing else "in",
        "from_name": row.from_name,
        "from_address": row.from_address,
        "message_id": row.message_id,
        "subject": row.subject,
        "text": row.text,
        "participants": sorted(row.participants),
        "files": row.files,
    }
