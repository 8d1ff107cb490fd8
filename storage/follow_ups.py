"""Follow-ups in the store."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.follow_up import FollowUp
from storage.session import Session
from storage.tables import follow_up

_UNTOLD = follow_up.c.told_at.is_(None)
_IN_ORDER = (follow_up.c.at, follow_up.c.id)


class FollowUpTable:
    """`bot.ports.FollowUps` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, number: int, agent: int, at: datetime, note: str, now: datetime) -> FollowUp:
        same = sa.and_(follow_up.c.number == number, follow_up.c.agent_id == agent, follow_up.c.at == at, _UNTOLD)
        again = sa.update(follow_up).where(same).values(note=note).returning(follow_up)
        row = (await self._session.run(again)).first()
        if row is None:
            values = {"number": number, "agent_id": agent, "at": at, "note": note, "created_at": now}
            fresh = sa.insert(follow_up).values(**values).returning(follow_up)
            row = (await self._session.run(fresh)).one()
        return _follow_up(row)

    async def get(self, number: int) -> FollowUp | None:
        row = (await self._session.run(sa.select(follow_up).where(follow_up.c.id == number))).one_or_none()
        return _follow_up(row) if row else None

    async def of_agent(self, agent: int, until: datetime) -> list[FollowUp]:
        return await self._listed(follow_up.c.agent_id == agent, follow_up.c.at <= until)

    async def of_inquiry(self, number: int) -> list[FollowUp]:
        return await self._listed(follow_up.c.number == number)

    async def take_due(self, now: datetime, limit: int) -> list[FollowUp]:
        due = sa.select(follow_up.c.id).where(_UNTOLD, follow_up.c.at <= now).order_by(*_IN_ORDER).limit(limit)
        ids = (await self._session.run(self._session.skip_locked(due))).scalars().all()
        if not ids:
            return []
        told = sa.update(follow_up).where(follow_up.c.id.in_(ids)).values(told_at=self._session.now())
        rows = (await self._session.run(told.returning(follow_up))).all()
        return sorted(map(_follow_up, rows), key=lambda one: (one.at, one.id))

    async def cancel(self, number: int, agent: int) -> bool:
        theirs = sa.and_(follow_up.c.id == number, follow_up.c.agent_id == agent, _UNTOLD)
        return bool((await self._session.run(sa.delete(follow_up).where(theirs))).rowcount)

    async def _listed(self, *which: sa.ColumnElement[bool]) -> list[FollowUp]:
        query = sa.select(follow_up).where(_UNTOLD, *which).order_by(*_IN_ORDER)
        return [_follow_up(row) for row in await self._session.run(query)]


def _follow_up(row: Any) -> FollowUp:
    return FollowUp(row.id, row.number, row.agent_id, row.at, row.note, row.created_at, row.told_at)
