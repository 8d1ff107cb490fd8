"""Absences and quiet hours in the store."""

from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from bot.domain.absence import Absence, Quiet
from storage.agents import agent_of
from storage.session import Session
from storage.tables import absence, agent

_ABSENCES = (
    sa.select(agent, absence.c.id.label("absence_id"), absence.c.since, absence.c.until, absence.c.reason)
    .join(agent, agent.c.id == absence.c.agent_id)
    .order_by(absence.c.since, absence.c.until, absence.c.id)
)


class AbsenceTable:
    """`bot.ports.Absences` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def away(self, agents: Collection[int], at: datetime, /) -> Mapping[int, Absence]:
        if not agents:
            return {}
        then = (absence.c.since <= at) & (absence.c.until > at) & absence.c.agent_id.in_(sorted(agents))
        found = await self._found(_ABSENCES.where(then))
        return {one.agent.id: one for one in sorted(found, key=lambda one: one.until)}

    async def get(self, absence_: int, /) -> Absence | None:
        return next(iter(await self._found(_ABSENCES.where(absence.c.id == absence_))), None)

    async def listed(self, agent_: int, since: datetime, /) -> list[Absence]:
        return await self._found(_ABSENCES.where(absence.c.agent_id == agent_, absence.c.until > since))

    async def team_listed(self, since: datetime, limit: int, /) -> list[Absence]:
        theirs = _ABSENCES.where(agent.c.role.is_not(None), absence.c.until > since)
        return await self._found(theirs.limit(limit))

    async def add(self, agent_: int, since: datetime, until: datetime, reason: str = "", /) -> Absence:
        values = {"agent_id": agent_, "since": since, "until": until, "reason": reason}
        added = sa.insert(absence).values(values).returning(absence.c.id)
        made = await self.get(int((await self._session.run(added)).scalar_one()))
        assert made is not None
        return made

    async def end(self, absence_: int, at: datetime, /) -> None:
        never = sa.delete(absence).where(absence.c.id == absence_, absence.c.since >= at)
        await self._session.run(never)
        sooner = sa.update(absence).where(absence.c.id == absence_, absence.c.until > at)
        await self._session.run(sooner.values(until=at))

    async def quiet(self, agents: Collection[int], /) -> Mapping[int, Quiet]:
        if not agents:
            return {}
        query = sa.select(agent.c.id, agent.c.quiet_from, agent.c.quiet_until)
        wanted = query.where(agent.c.id.in_(sorted(agents)), agent.c.quiet_from != "")
        return {
            row.id: Quiet(time.fromisoformat(row.quiet_from), time.fromisoformat(row.quiet_until))
            for row in await self._session.run(wanted)
        }

    async def set_quiet(self, agent_: int, since: time | None, until: time | None, /) -> None:
        told = (f"{since:%H:%M}", f"{until:%H:%M}") if since is not None and until is not None else ("", "")
        hours = {"quiet_from": told[0], "quiet_until": told[1]}
        await self._session.run(sa.update(agent).where(agent.c.id == agent_).values(hours))

    async def _found(self, query: sa.Select[Any]) -> list[Absence]:
        return [
            Absence(row.absence_id, agent_of(row), row.since, row.until, row.reason)
            for row in await self._session.run(query)
        ]
