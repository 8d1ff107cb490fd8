"""The people who write to us: all that the team knows of them, and what it writes down."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from bot.domain.customer import Customer, Note, Person, Record
from bot.domain.events import Act
from bot.domain.identity import Identity, IdentityKind
from bot.ports import Suggestion, TextKind
from storage.agents import agent_of
from storage.merging import merge, split
from storage.person_columns import person_caution, person_name
from storage.search import SearchTable
from storage.session import Session
from storage.suggesting import suggested
from storage.tables import agent, customer, customer_note, identity, inquiry
from storage.trees import locked_trees, root_of, told, wrote_down

BETWEEN = " / "
"""Stands between the reasons for caution of several records."""

_KNOWN_BY = (
    sa.select(sa.func.coalesce(customer.c.person_id, customer.c.id))
    .join(identity, identity.c.customer_id == customer.c.id)
    .where(identity.c.kind == sa.bindparam("kind"), identity.c.value == sa.bindparam("value"))
    .where(customer.c.erased_at.is_(None))
)
_asked = customer.alias("asked")
_person = (
    sa.select(sa.func.coalesce(_asked.c.person_id, _asked.c.id)).where(_asked.c.id == sa.bindparam("of"))
).scalar_subquery()
_RECORDS = (
    sa.select(customer, identity.c.kind, identity.c.value)
    .outerjoin(identity, identity.c.customer_id == customer.c.id)
    .where((customer.c.id == _person) | (customer.c.person_id == _person))
    .order_by(customer.c.id, identity.c.kind, identity.c.value)
)
_NOTES = (
    sa.select(
        agent,
        customer_note.c.id.label("note"),
        customer_note.c.at,
        customer_note.c.text,
    )
    .select_from(customer_note)
    .outerjoin(agent, agent.c.id == customer_note.c.agent_id)
    .where(customer_note.c.customer_id.in_(sa.bindparam("records", expanding=True)))
    .order_by(customer_note.c.at.desc(), customer_note.c.id.desc())
)


class PeopleTable:
    """`bot.ports.Customers` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def by_identity(self, identity_: Identity) -> int | None:
        named = {"kind": identity_.kind, "value": identity_.value}
        found = (await self._session.run(_KNOWN_BY, named)).scalar_one_or_none()
        return None if found is None else int(found)

    async def person(self, customer_: int) -> Person | None:
        found: dict[int, tuple[Any, list[Identity]]] = {}
        for row in await self._session.run(_RECORDS, {"of": customer_}):
            _, known_by = found.setdefault(row.id, (row, []))
            if row.value is not None:
                known_by.append(Identity(IdentityKind(row.kind), row.value))
        rows = sorted((row for row, _ in found.values()), key=lambda row: (row.person_id is not None, row.id))
        if not rows or rows[0].erased_at is not None:
            return None
        tags = {tag: None for row in rows for tag in row.tags}
        return Person(
            id=rows[0].id,
            name=_first(row.name for row in rows),
            kana=_first(row.kana for row in rows),
            language=_first(row.language for row in rows),
            tags=tuple(tags),
            caution=BETWEEN.join(dict.fromkeys(row.caution for row in rows if row.caution)),
            records=tuple(Record(row.id, row.name, tuple(found[row.id][1]), row.merged_into) for row in rows),
            notes=tuple(await self._notes(list(found))),
        )

    async def called(self, records: Collection[int]) -> Mapping[int, Customer]:
        if not records:
            return {}
        whose = sa.func.coalesce(_asked.c.person_id, _asked.c.id)
        query = (
            sa.select(
                _asked.c.id.label("record"),
                customer.c.id,
                person_name(customer).label("name"),
                person_caution(customer).label("caution"),
            )
            .join(customer, customer.c.id == whose)
            .where(_asked.c.id.in_(records), customer.c.erased_at.is_(None))
        )
        rows = await self._session.run(query)
        return {row.record: Customer(row.id, row.name, "", row.caution) for row in rows}

    async def describe(
        self, customer_: int, name: str, kana: str, language: str, tags: Sequence[str], act: Act
    ) -> None:
        person, rows = await self._locked(customer_)
        before = await self.person(person)
        assert before is not None
        wanted = {"name": name, "kana": kana, "language": language}
        changed = {key: value for key, value in wanted.items() if value != getattr(before, key)}
        for key, value in changed.items():
            where = customer.c.id == person if value else customer.c.id.in_(rows)  # what is taken away shows nowhere
            await self._session.run(sa.update(customer).where(where).values({key: value}))
        await self._tag(person, rows, list(dict.fromkeys(tags)))
        details = changed | ({"tags": list(tags)} if set(tags) != set(before.tags) else {})
        await wrote_down(self._session, [person], "described", details, act)
        await told(self._session, list(rows), person)

    async def caution(self, customer_: int, reason: str, act: Act) -> None:
        person, rows = await self._locked(customer_)
        where = customer.c.id == person if reason else customer.c.id.in_(rows)
        await self._session.run(sa.update(customer).where(where).values(caution=reason))
        await wrote_down(self._session, [person], "cautioned", {"reason": reason}, act)
        await told(self._session, list(rows), person)

    async def note(self, customer_: int, text: str, act: Act) -> None:
        person, _ = await self._locked(customer_)
        by = act.agent.id if act.agent else None
        row = {"customer_id": person, "agent_id": by, "at": act.at, "text": text}
        [note] = await self._session.insert_numbered(customer_note, [row])
        await wrote_down(self._session, [person], "noted", {"note": note}, act)
        await SearchTable(self._session).changed(TextKind.NOTE, [note])

    async def merge(self, gone: int, kept: int, act: Act) -> None:
        await merge(self._session, gone, kept, act)

    async def split(self, record: int, act: Act) -> None:
        await split(self._session, record, act)

    async def came_by(self, records: Collection[int]) -> int:
        person = sa.select(customer.c.person_id).where(customer.c.id.in_(records))
        theirs = inquiry.c.customer_id.in_(person) & inquiry.c.record_id.in_(records)
        query = sa.select(sa.func.count()).select_from(inquiry).where(theirs)
        return int((await self._session.run(query)).scalar_one())

    async def suggestions(self, person: int, region: str, limit: int) -> list[Suggestion]:
        known = await self.person(person)
        return await suggested(self._session, self, known, region, limit) if known else []

    async def _locked(self, record: int) -> tuple[int, dict[int, Any]]:
        person = await root_of(self._session, record)
        return person, await locked_trees(self._session, person)

    async def _notes(self, records: list[int]) -> list[Note]:
        rows = await self._session.run(_NOTES, {"records": records})
        return [Note(row.note, row.at, agent_of(row) if row.id is not None else None, row.text) for row in rows]

    async def _tag(self, person: int, rows: dict[int, Any], tags: list[str]) -> None:
        """Each record keeps those of its tags that are still wanted; new ones are the person's own."""
        known = {tag for row in rows.values() for tag in row.tags}
        for row in rows.values():
            kept = [tag for tag in row.tags if tag in tags]
            kept += [tag for tag in tags if tag not in known] if row.id == person else []
            if kept != row.tags:
                await self._session.run(sa.update(customer).where(customer.c.id == row.id).values(tags=kept))


def _first(values: Any) -> str:
    return next((one for one in values if one), "")
