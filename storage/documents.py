"""The texts that can be found, put together from the rows in which they stand; and their numbers in the index."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.events import EventKind
from bot.ports import TextKind
from storage.session import Session
from storage.tables import (
    article,
    article_version,
    customer,
    customer_note,
    event,
    identity,
    inquiry,
    message,
    template,
    template_version,
)

LONGEST = 20_000
"""Characters of a text that can be found."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
CODES = {
    kind: code
    for code, kind in enumerate(
        (TextKind.INQUIRY, TextKind.ANSWER, TextKind.TEMPLATE, TextKind.NOTE, TextKind.CUSTOMER, TextKind.ARTICLE)
    )
}
"""What stands for a text's kind in its id: never to be changed, as long as an index is kept."""
_KINDS = {code: kind for kind, code in CODES.items()}
SECONDS, KIND_BITS, REF_BITS = 1 << 32, 3, 29


@dataclass(frozen=True, slots=True)
class Text:
    """One text. `customer`: whose note or name it is; `agent`, `status`: of what is no inquiry, for others None, ""."""

    kind: TextKind
    ref: int
    title: str
    text: str
    at: datetime
    number: int | None = None
    customer: int | None = None
    queue: str = ""
    agent: int | None = None
    status: str = ""

    @property
    def id(self) -> int:
        """Its number in the index."""
        return beginning_of(self.at) | self.ref << KIND_BITS | CODES[self.kind]


def beginning_of(at: datetime) -> int:
    """The least id of that second or later: ids are in order of time, so that the newest are found without sorting."""
    return max(0, int((at - BEGINNING).total_seconds())) * SECONDS


def kind_and_ref(id_: int) -> tuple[TextKind, int]:
    """Which text an id belongs to."""
    return _KINDS[id_ & ((1 << KIND_BITS) - 1)], id_ >> KIND_BITS & ((1 << REF_BITS) - 1)


_NUMBERS: sa.BindParameter[Any] = sa.bindparam("refs", expanding=True)
_INQUIRIES = sa.select(
    inquiry.c.number,
    inquiry.c.subject,
    inquiry.c.opened_at,
    inquiry.c.status,
).where(inquiry.c.number.in_(_NUMBERS), inquiry.c.erased_at.is_(None))
_MESSAGES = (
    sa.select(
        message.c.number,
        message.c.at,
        message.c.outgoing,
        sa.func.substr(
            sa.case((message.c.reply_text != "", message.c.reply_text), else_=message.c.text), 1, LONGEST
        ).label("said"),
    )
    .where(message.c.number.in_(_NUMBERS))
    .order_by(message.c.number, message.c.id)
)
_RESOLVED = (
    sa.select(event.c.number, event.c.at, event.c.details)
    .where(event.c.number.in_(_NUMBERS), event.c.kind == EventKind.RESOLVED)
    .order_by(event.c.number, event.c.version)
)
_TEMPLATES = (
    sa.select(template, sa.func.max(template_version.c.at).label("at"))
    .outerjoin(template_version, template_version.c.template_id == template.c.id)
    .where(template.c.id.in_(_NUMBERS), template.c.retired.is_(False))
    .group_by(template.c.id)
)
_ARTICLES = (
    sa.select(article.c.id, article.c.queue, article.c.owner_id, article_version)
    .join(
        article_version,
        (article_version.c.article_id == article.c.id) & (article_version.c.version == article.c.approved_version),
    )
    .where(article.c.id.in_(_NUMBERS), article.c.retired.is_(False))
)
_person = sa.func.coalesce(customer.c.person_id, customer.c.id).label("person")
_NOTES = (
    sa.select(customer_note, customer.c.name, _person)
    .join(customer, customer.c.id == customer_note.c.customer_id)
    .where(customer_note.c.id.in_(_NUMBERS), customer.c.erased_at.is_(None))
)
_CUSTOMERS = sa.select(customer, _person).where(customer.c.id.in_(_NUMBERS), customer.c.erased_at.is_(None))
_IDENTITIES = sa.select(identity.c.customer_id, identity.c.value).where(identity.c.customer_id.in_(_NUMBERS))


class Documents:
    """Reads texts as they are now."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def all_of(self, kind: TextKind, refs: Collection[int]) -> Mapping[int, Text]:
        """Those of these texts that are there and not empty, by ref."""
        return {one.ref: one for one in await self.of({kind: refs})}

    async def of(self, wanted: Mapping[TextKind, Collection[int]]) -> list[Text]:
        """Those of these texts that are there and not empty."""
        asked, answered = (list(wanted.get(kind, ())) for kind in (TextKind.INQUIRY, TextKind.ANSWER))
        texts = await self._inquiries(asked, answered)
        others = {
            TextKind.TEMPLATE: self._templates,
            TextKind.ARTICLE: self._articles,
            TextKind.NOTE: self._notes,
            TextKind.CUSTOMER: self._customers,
        }
        for kind, read in others.items():
            if wanted.get(kind):
                texts += await read(list(wanted[kind]))
        return [one for one in texts if one.title.strip() or one.text.strip()]

    async def _rows(self, query: sa.Executable, refs: list[int]) -> list[Any]:
        return list(await self._session.run(query, {"refs": refs})) if refs else []

    async def _inquiries(self, asked: list[int], answered: list[int]) -> list[Text]:
        """What was asked in some inquiries, and what was answered in some: where anything was."""
        numbers = list({*asked, *answered})
        written: dict[int, list[str]] = {}
        said: dict[int, list[tuple[datetime, str]]] = {}
        for row in await self._rows(_MESSAGES, numbers):
            if row.outgoing:
                said.setdefault(row.number, []).append((row.at, row.said))
            else:
                written.setdefault(row.number, []).append(row.said)
        for row in await self._rows(_RESOLVED, answered):
            note = row.details.get("note", "")
            if isinstance(note, str):
                said.setdefault(row.number, []).append((row.at, note))
        rows = {row.number: row for row in await self._rows(_INQUIRIES, numbers)}
        questions = [
            _about(TextKind.INQUIRY, rows[one], written.get(one, []), rows[one].opened_at)
            for one in asked
            if one in rows
        ]
        answers = [
            _about(TextKind.ANSWER, rows[one], [text for _, text in said[one]], max(at for at, _ in said[one]))
            for one in answered
            if one in rows and any(text.strip() for _, text in said.get(one, []))
        ]
        return questions + answers

    async def _templates(self, ids: list[int]) -> list[Text]:
        return [
            Text(
                TextKind.TEMPLATE,
                row.id,
                row.title or row.name,
                _joined([row.name, row.body] if row.title else [row.body]),
                row.at or BEGINNING,
                queue=row.queue,
                agent=row.owner_id,
            )
            for row in await self._rows(_TEMPLATES, ids)
        ]

    async def _articles(self, ids: list[int]) -> list[Text]:
        return [
            Text(
                TextKind.ARTICLE,
                row.id,
                row.question,
                _joined([row.situation, row.words]),
                row.at,
                queue=row.queue,
                agent=row.owner_id,
            )
            for row in await self._rows(_ARTICLES, ids)
        ]

    async def _notes(self, ids: list[int]) -> list[Text]:
        return [
            Text(
                TextKind.NOTE,
                row.id,
                row.name,
                row.text[:LONGEST],
                row.at,
                customer=row.person,
                agent=row.agent_id,
            )
            for row in await self._rows(_NOTES, ids)
        ]

    async def _customers(self, ids: list[int]) -> list[Text]:
        known: dict[int, list[str]] = {}
        for row in await self._rows(_IDENTITIES, ids):
            known.setdefault(row.customer_id, []).append(row.value)
        return [
            Text(
                TextKind.CUSTOMER,
                row.id,
                row.name,
                _joined([row.kana, *("".join(one.split()) for one in (row.name, row.kana)), *known.get(row.id, [])]),
                row.created_at,
                customer=row.person,
            )
            for row in await self._rows(_CUSTOMERS, ids)
        ]


def _about(kind: TextKind, row: Any, texts: list[str], at: datetime) -> Text:
    text = _joined(list(dict.fromkeys(texts)))
    return Text(kind, row.number, row.subject, text, at, row.number, status=row.status)


def _joined(texts: list[str]) -> str:
    return "\n".join(one for one in texts if one)[:LONGEST]
