"""Prepared advice in the store."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.agent import Agent
from bot.domain.errors import Conflict
from bot.domain.events import EventKind
from bot.domain.folding import folded
from bot.domain.prepared import Facts, PreparedAdvice
from bot.ports.prepared import Standing
from storage.agents import agent_of
from storage.session import Session
from storage.tables import agent, customer, customer_note, event, inquiry, phone_call, prepared_advice

_PERSON = sa.func.coalesce(phone_call.c.customer_id, inquiry.c.customer_id)


class PreparedTable:
    """`bot.ports.Prepared` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def all(self) -> list[PreparedAdvice]:
        return await self._found(prepared_advice.c.is_removed.is_(False))

    async def on(self) -> list[PreparedAdvice]:
        return await self._found(prepared_advice.c.is_on & prepared_advice.c.is_removed.is_(False))

    async def of(self, rules: Collection[int], /) -> list[PreparedAdvice]:
        return await self._found(prepared_advice.c.id.in_(rules)) if rules else []

    async def version(self, rule: int, /) -> int:
        found = (await self.standings([rule])).get(rule)
        return found.version if found else 0

    async def standings(self, rules: Collection[int], /) -> Mapping[int, Standing]:
        there = prepared_advice.c.is_removed.is_(False)
        query = (
            sa.select(
                prepared_advice.c.id.label("rule"), prepared_advice.c.version, prepared_advice.c.changed_at, agent
            )
            .outerjoin(agent, agent.c.id == prepared_advice.c.changed_by)
            .where(prepared_advice.c.id.in_(rules), there)
        )
        return {
            row.rule: Standing(row.version, agent_of(row) if row.id is not None else None, row.changed_at)
            for row in await self._session.run(query)
        }

    async def keep(self, rule: PreparedAdvice, seen: int, by: Agent, at: datetime, /) -> PreparedAdvice:
        values = _columns(rule) | {"changed_at": at, "changed_by": by.id}
        if not rule.id:
            [id_] = await self._session.insert_numbered(prepared_advice, [values | {"is_removed": False, "version": 1}])
            return replace(rule, id=id_)
        update = (
            sa.update(prepared_advice)
            .where(prepared_advice.c.id == rule.id, prepared_advice.c.version == seen)
            .where(prepared_advice.c.is_removed.is_(False))
            .values(**values, version=seen + 1)
        )
        if (await self._session.run(update)).rowcount != 1:
            raise Conflict(f"prepared advice {rule.id} is not at version {seen} any more")
        return rule

    async def remove(self, rule: int, by: Agent, at: datetime, /) -> None:
        gone = {"is_removed": True, "is_on": False, "changed_at": at, "changed_by": by.id}
        update = sa.update(prepared_advice).where(prepared_advice.c.id == rule)
        await self._session.run(update.values(**gone, version=prepared_advice.c.version + 1))

    async def facts(self, calls: Collection[int], /) -> Mapping[int, Facts]:
        query = (
            sa.select(phone_call.c.id, inquiry, _PERSON.label("who"))
            .select_from(phone_call.outerjoin(inquiry, inquiry.c.number == phone_call.c.number))
            .where(phone_call.c.id.in_(calls))
        )
        rows = (await self._session.run(query)).all()
        told = await self._told({row.number for row in rows} - {None})
        people = await self._people({row.who for row in rows} - {None})
        return {row.id: _facts(row, told.get(row.number, []), people.get(row.who, [])) for row in rows}

    async def _found(self, which: sa.ColumnElement[bool]) -> list[PreparedAdvice]:
        rows = (await self._session.run(sa.select(prepared_advice).where(which))).all()
        ids = {row.owner_id for row in rows} - {None}
        people = await self._session.run(sa.select(agent).where(agent.c.id.in_(ids))) if ids else ()
        team = {row.id: agent_of(row) for row in people}
        found = [_rule(row, team.get(row.owner_id)) for row in rows]
        return sorted(found, key=lambda one: (folded(one.name), one.name, one.id))

    async def _told(self, numbers: Collection[int]) -> dict[int, list[str]]:
        """What was noted of calls about these inquiries."""
        query = sa.select(event.c.number, event.c.details).where(
            event.c.number.in_(numbers), event.c.kind == EventKind.HUNG_UP
        )
        found: dict[int, list[str]] = {}
        for row in await self._session.run(query.order_by(event.c.number, event.c.version)):
            found.setdefault(row.number, []).append(str(row.details.get("note", "")))
        return found

    async def _people(self, ids: Collection[int]) -> dict[int, list[Any]]:
        """All records of these people, each with the notes on it, by the ids that were asked for."""
        asked = customer.alias("asked")
        root = sa.func.coalesce(asked.c.person_id, asked.c.id)
        query = (
            sa.select(asked.c.id.label("asked"), customer.c.tags, customer.c.caution, customer_note.c.text)
            .select_from(asked)
            .join(customer, sa.func.coalesce(customer.c.person_id, customer.c.id) == root)
            .outerjoin(customer_note, customer_note.c.customer_id == customer.c.id)
            .where(asked.c.id.in_(ids))
            .order_by(asked.c.id, customer.c.id, customer_note.c.id)
        )
        found: dict[int, list[Any]] = {}
        for row in await self._session.run(query):
            found.setdefault(row.asked, []).append(row)
        return found


def _facts(row: Any, told: Sequence[str], people: Sequence[Any]) -> Facts:
    texts = [row.subject, row.note, row.waiting_for, *told, *(one.text for one in people)]
    labels = {tag for tags in (row.tags, *(one.tags for one in people)) for tag in tags or ()}
    return Facts(
        tuple(one for one in dict.fromkeys(texts) if one), frozenset(labels), any(one.caution for one in people)
    )


def _columns(rule: PreparedAdvice) -> dict[str, Any]:
    return {
        "name": rule.name,
        "text": rule.text,
        "owner_id": rule.owner.id if rule.owner else None,
        "words": list(rule.words),
        "labels": list(rule.labels),
        "caution": rule.caution,
        "longer_than": int(rule.longer_than.total_seconds()) if rule.longer_than else None,
        "is_on": rule.is_on,
    }


def _rule(row: Any, owner: Agent | None) -> PreparedAdvice:
    return PreparedAdvice(
        id=row.id,
        name=row.name,
        text=row.text,
        owner=owner,
        words=tuple(row.words),
        labels=tuple(row.labels),
        caution=row.caution,
        longer_than=timedelta(seconds=row.longer_than) if row.longer_than else None,
        is_on=row.is_on,
    )
