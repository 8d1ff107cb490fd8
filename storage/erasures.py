"""What is held about a person, and how it is taken away: in one transaction, all or nothing."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import Conflict
from bot.domain.events import Act, Event, EventKind
from bot.domain.identity import Identity, IdentityKind
from bot.domain.inquiry import AWAKE, Status
from bot.ports import TextKind
from bot.ports.erasures import Erasure, Holdings
from storage.call_traces import CallTraces, forgotten_articles, forgotten_calls, held_calls, spoken_forms, traces_of
from storage.caring import forgotten_care
from storage.exports import everything
from storage.inquiry_rows import event_columns
from storage.mails import UNREAD
from storage.others import taken_out_of_others
from storage.session import Session
from storage.tables import (
    customer,
    customer_event,
    customer_note,
    download,
    erased_mail,
    erasure,
    event,
    identity,
    inquiry,
    mail,
    mail_content,
    message,
    outbox,
)
from storage.trees import locked_trees
from storage.unindexing import CHUNK, chunks, unindexed
from storage.withdrawing import in_chat, left, redrawn, withdrawn

SOURCE = "operator"
HEAD = 65536
"""Bytes of a mail in which its addresses stand."""
KEPT = frozenset(
    (
        *("to", "to_id", "from", "by", "count", "by_hand", "status", "until", "target", "seconds", "help", "urgency"),
        *("call", "outcome"),
    )
)
"""Details of events that are about the team, and stay for its reports."""

_BLANK: dict[str, Any] = {
    "address": "",
    "subject": "",
    "note": "",
    "excerpt": "",
    "attachments": 0,
    "status": Status.RESOLVED,
    "tags": [],
    **AWAKE,
}
_NOBODY: dict[str, Any] = {"name": "", "kana": "", "language": "", "tags": [], "caution": ""}


@dataclass(slots=True)
class _Theirs:
    """What is a person's: their records, identities, inquiries, mails (id to SHA-256) and notes."""

    records: list[int]
    at: datetime
    identities: list[Identity] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    mails: dict[int, str] = field(default_factory=dict)
    notes: list[int] = field(default_factory=list)
    calls: CallTraces = field(default_factory=CallTraces)

    @property
    def addresses(self) -> list[str]:
        return [one.value for one in self.identities if one.kind is IdentityKind.MAIL]

    @property
    def phones(self) -> list[str]:
        return [one.value for one in self.identities if one.kind is IdentityKind.PHONE]


class ErasureTable:
    """`bot.ports.Erasures` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def holdings(self, person: int) -> Holdings:
        theirs = await self._theirs(await self._records(person))
        written = await self._count(message, message.c.number, theirs.numbers)
        posts = await in_chat(self._session, theirs.numbers)
        return Holdings(tuple(theirs.numbers), written, len(theirs.mails), len(theirs.notes), posts)

    async def everything(self, person: int) -> Mapping[str, object]:
        theirs = await self._theirs(await self._records(person))
        held = (theirs.numbers, list(theirs.mails), theirs.calls.calls)
        return await everything(self._session, person, theirs.records, *held)

    async def erase(self, person: int, by: str) -> Erasure:
        if not self._session.is_postgresql:
            await self._session.run(sa.text("PRAGMA secure_delete=ON"))
        talking = await held_calls(self._session, await self._records(person))
        records = await locked_trees(self._session, person)
        await self._hold(list(records))
        theirs = await self._theirs(list(records))
        if theirs.calls.agents - talking:
            raise Conflict("somebody began to talk with them at this very moment")
        words = {TextKind.INQUIRY: theirs.numbers, TextKind.ANSWER: theirs.numbers}
        words |= {TextKind.NOTE: theirs.notes, TextKind.CUSTOMER: theirs.records}
        await unindexed(self._session, words)
        await forgotten_articles(self._session, theirs.calls, theirs.numbers, await self._called(theirs))
        await forgotten_calls(self._session, theirs.calls)
        await self._blank_inquiries(theirs)
        await self._forget_mails(theirs)
        await withdrawn(self._session, outbox.c.number.in_(theirs.numbers))
        await redrawn(self._session, theirs.numbers)
        await taken_out_of_others(self._session, theirs.addresses)
        await self._forget_person(theirs)
        return await self._noted(theirs, by)

    async def former(self, identities: Collection[Identity], number: int | None) -> Erasure | None:
        rows = (await self._session.run(sa.select(erasure).order_by(erasure.c.id.desc()))).all()
        for row in rows:
            if any(_is_one_of(one, row.identities) for one in identities):
                return _erasure(row)
        if number is None:
            return None
        query = sa.select(inquiry.c.erased_at).where(inquiry.c.number == number)
        erased_at = (await self._session.run(query)).scalar_one_or_none()
        return next((_erasure(row) for row in rows if row.at == erased_at), None)

    async def left(self) -> int:
        return await left(self._session)

    async def unread(self) -> int:
        query = sa.select(sa.func.count()).select_from(mail).where(mail.c.outcome == UNREAD)
        return int((await self._session.run(query)).scalar_one())

    async def spooled(self) -> list[tuple[str, str]]:
        query = sa.select(mail.c.mailbox, mail.c.uid).join(erased_mail, erased_mail.c.sha256 == mail.c.sha256)
        return [(row.mailbox, row.uid) for row in await self._session.run(query.order_by(mail.c.id))]

    async def _records(self, person: int) -> list[int]:
        query = sa.select(customer.c.id).where((customer.c.id == person) | (customer.c.person_id == person))
        return list((await self._session.run(query.order_by(customer.c.id))).scalars())

    async def _hold(self, records: Collection[int]) -> None:
        """Whoever changes an inquiry of theirs ends before, or finds it changed."""
        query = sa.select(inquiry.c.number).where(_of(records)).order_by(inquiry.c.number)
        if self._session.is_postgresql:
            await self._session.run(query.with_for_update())

    async def _called(self, theirs: _Theirs) -> list[str]:
        """By what texts of the team may name them."""
        query = sa.select(customer.c.name, customer.c.kana).where(customer.c.id.in_(theirs.records))
        names = [one for row in await self._session.run(query) for one in row if one]
        return [*names, *theirs.addresses, *spoken_forms(theirs.phones)]

    async def _theirs(self, records: list[int]) -> _Theirs:
        known = sa.select(identity).where(identity.c.customer_id.in_(records)).order_by(identity.c.kind)
        found = [Identity(IdentityKind(row.kind), row.value) for row in await self._session.run(known)]
        theirs = _Theirs(records, self._session.clock(), sorted(found, key=lambda one: (one.kind, one.value)))
        numbers = sa.select(inquiry.c.number).where(_of(records), inquiry.c.erased_at.is_(None))
        theirs.numbers = list((await self._session.run(numbers.order_by(inquiry.c.number))).scalars())
        notes = sa.select(customer_note.c.id).where(customer_note.c.customer_id.in_(records))
        theirs.notes = list((await self._session.run(notes.order_by(customer_note.c.id))).scalars())
        theirs.calls = await traces_of(self._session, records, theirs.numbers, theirs.phones)
        for some in chunks(theirs.numbers):
            theirs.mails |= await self._mails(mail.c.number.in_(some))
        if addresses := theirs.addresses:
            theirs.mails |= await self._mails(mail.c.sender.in_(addresses))
            theirs.mails |= await self._mails(sa.func.lower(mail.c.sender).in_(addresses))
            theirs.mails |= await self._sent_to(addresses)
        return theirs

    async def _mails(self, which: sa.ColumnElement[bool]) -> dict[int, str]:
        query = sa.select(mail.c.id, mail.c.sha256).join(mail_content, mail_content.c.mail_id == mail.c.id)
        return {row.id: row.sha256 for row in await self._session.run(query.where(which).order_by(mail.c.id))}

    async def _sent_to(self, addresses: Collection[str]) -> dict[int, str]:
        """What the team sent them that belongs to no inquiry: only its own headers tell to whom it went."""
        head = sa.func.substr(mail_content.c.content, 1, HEAD).label("head")
        query = (
            sa.select(mail.c.id, mail.c.sha256, head)
            .join(mail_content, mail_content.c.mail_id == mail.c.id)
            .where(mail.c.sent, mail.c.number.is_(None))
        )
        found: dict[int, str] = {}
        last = 0
        while rows := (await self._session.run(query.where(mail.c.id > last).order_by(mail.c.id).limit(CHUNK))).all():
            last = rows[-1].id
            for row in rows:
                said = bytes(row.head).lower()
                if any(address.encode() in said for address in addresses):
                    found[row.id] = row.sha256
        return found

    async def _count(self, table: sa.Table, column: sa.ColumnElement[int], values: Iterable[int]) -> int:
        total = 0
        for some in chunks(values):
            query = sa.select(sa.func.count()).select_from(table).where(column.in_(some))
            total += int((await self._session.run(query)).scalar_one())
        return total

    async def _blank_inquiries(self, theirs: _Theirs) -> None:
        for some in chunks(theirs.numbers):
            await self._session.run(sa.delete(message).where(message.c.number.in_(some)))
            await self._scrub_events(some)
            await forgotten_care(self._session, some)
            blank = (
                sa.update(inquiry)
                .where(inquiry.c.number.in_(some))
                .values(
                    **_BLANK,
                    erased_at=theirs.at,
                    resolved_at=sa.func.coalesce(inquiry.c.resolved_at, theirs.at),
                    version=inquiry.c.version + 1,
                )
                .returning(inquiry.c.number, inquiry.c.version)
            )
            act = Act(theirs.at, SOURCE)
            erased = [
                event_columns(Event(row.number, row.version, EventKind.ERASED, act))
                for row in await self._session.run(blank)
            ]
            await self._session.insert(event, erased)

    async def _scrub_events(self, numbers: Collection[int]) -> None:
        for row in (await self._session.run(sa.select(event).where(event.c.number.in_(numbers)))).all():
            kept = {key: value for key, value in row.details.items() if key in KEPT}
            if kept != row.details:
                this = (event.c.number == row.number) & (event.c.version == row.version)
                await self._session.run(sa.update(event).where(this).values(details=kept))

    async def _forget_mails(self, theirs: _Theirs) -> None:
        for some in chunks(theirs.mails):
            await self._session.run(sa.delete(download).where(download.c.mail_id.in_(some)))
            await self._session.run(sa.delete(mail_content).where(mail_content.c.mail_id.in_(some)))
            await self._session.run(sa.update(mail).where(mail.c.id.in_(some)).values(sender="", subject=""))
            ledger = [{"sha256": sum_, "at": theirs.at} for sum_ in sorted({theirs.mails[one] for one in some})]
            new = self._session.upsert(erased_mail).on_conflict_do_nothing()
            await self._session.run(new, ledger)

    async def _forget_person(self, theirs: _Theirs) -> None:
        of_theirs = customer_event.c.customer_id.in_(theirs.records)
        await self._session.run(sa.update(customer_event).where(of_theirs).values(details={}))
        await self._session.run(sa.delete(customer_note).where(customer_note.c.customer_id.in_(theirs.records)))
        await self._session.run(sa.delete(identity).where(identity.c.customer_id.in_(theirs.records)))
        nobody = sa.update(customer).where(customer.c.id.in_(theirs.records)).values(**_NOBODY, erased_at=theirs.at)
        await self._session.run(nobody)

    async def _noted(self, theirs: _Theirs, by: str) -> Erasure:
        noted = Erasure(theirs.at, by, len(theirs.numbers), len(theirs.mails))
        digests = [digest(one, secrets.token_hex(8)) for one in theirs.identities]
        row = {"at": noted.at, "by": by, "identities": digests, "inquiries": noted.inquiries, "mails": noted.mails}
        await self._session.run(sa.insert(erasure).values(row))
        return noted


def digest(one: Identity, salt: str) -> str:
    """What is noted of an identity that was erased: enough to know it again, not to tell what it was."""
    return f"{salt}:{sha256(f'{salt}:{one.kind}:{one.value}'.encode()).hexdigest()}"


def _is_one_of(one: Identity, digests: Collection[str]) -> bool:
    return any(digest(one, known.partition(":")[0]) == known for known in digests)


def _of(records: Collection[int]) -> sa.ColumnElement[bool]:
    return inquiry.c.customer_id.in_(records) | inquiry.c.record_id.in_(records)


def _erasure(row: Any) -> Erasure:
    return Erasure(row.at, row.by, row.inquiries, row.mails)
