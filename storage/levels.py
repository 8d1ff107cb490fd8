"""The service levels in the store."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.agent import Agent, Role
from bot.domain.errors import Conflict
from bot.domain.inquiry import Status
from bot.ports.levels import LevelsVersion
from storage.session import Session
from storage.tables import agent, inquiry, levels
from storage.tables.levels import ALL

_VERSIONS = (
    sa.select(levels, agent.c.name, agent.c.role, agent.c.language, agent.c.time_zone)
    .outerjoin(agent, agent.c.id == levels.c.agent_id)
    .order_by(levels.c.version.desc())
    .limit(sa.bindparam("most"))
)
_NEWEST = sa.select(sa.func.max(levels.c.version)).scalar_subquery()
_UNAPPLIED = sa.select(levels.c.version, levels.c.applied).where(levels.c.version == _NEWEST, levels.c.applied != ALL)
_OPEN = (
    sa.select(inquiry.c.number)
    .where(inquiry.c.number > sa.bindparam("behind"), inquiry.c.status != Status.RESOLVED)
    .order_by(inquiry.c.number)
    .limit(sa.bindparam("most"))
    .with_for_update(key_share=True)  # as a change of them locks them
)


class LevelsTable:
    """`bot.ports.LevelsRoom` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def current(self) -> LevelsVersion | None:
        return next(iter(await self.versions(1)), None)

    async def keep(self, body: str, seen: int, by: Agent | None, at: datetime, why: str, /) -> int:
        newest = (await self._session.run(sa.select(_NEWEST))).scalar_one() or 0
        values = {"version": seen + 1, "at": at, "agent_id": by.id if by else None, "why": why, "body": body}
        insert = self._session.upsert(levels).values(values | {"applied": 0}).on_conflict_do_nothing()
        if newest != seen or (await self._session.run(insert.returning(levels.c.version))).one_or_none() is None:
            raise Conflict(f"the service levels are not at version {seen} any more")
        return seen + 1

    async def versions(self, limit: int, /) -> list[LevelsVersion]:
        rows = await self._session.run(_VERSIONS, {"most": limit})
        return [LevelsVersion(row.version, row.body, row.at, _agent(row), row.why) for row in rows]

    async def apply(self, limit: int, /) -> int:
        found = (await self._session.run(self._session.skip_locked(_UNAPPLIED))).one_or_none()
        if found is None:
            return 0
        numbers = (await self._session.run(_OPEN, {"behind": found.applied, "most": limit})).scalars().all()
        if numbers:
            await self._session.run(sa.update(inquiry).where(inquiry.c.number.in_(numbers)).values(timed=0))
        reached = numbers[-1] if len(numbers) == limit else ALL
        await self._session.run(sa.update(levels).where(levels.c.version == found.version).values(applied=reached))
        return len(numbers)


def _agent(row: Any) -> Agent | None:
    if row.agent_id is None:
        return None
    return Agent(row.agent_id, row.name, Role(row.role) if row.role else None, row.language, row.time_zone)
