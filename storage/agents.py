"""The team: agents and who they are on each platform."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.domain.agent import Agent, Role
from bot.domain.errors import Conflict
from bot.ports import Handle
from storage.session import Session
from storage.tables import agent, handle

_BY_HANDLE = (
    sa.select(agent)
    .join(handle, handle.c.agent_id == agent.c.id)
    .where(handle.c.platform == sa.bindparam("platform"), handle.c.user == sa.bindparam("user"))
)


def agent_of(row: Any) -> Agent:
    """An agent from a row of the agent table."""
    return Agent(row.id, row.name, Role(row.role) if row.role else None, row.language, row.time_zone)


class AgentTable:
    """`bot.ports.Agents` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def by_handle(self, handle_: Handle) -> Agent | None:
        named = {"platform": handle_.platform, "user": handle_.user}
        row = (await self._session.run(_BY_HANDLE, named)).one_or_none()
        return agent_of(row) if row else None

    async def all(self) -> list[Agent]:
        query = sa.select(agent).where(agent.c.role.is_not(None)).order_by(agent.c.name, agent.c.id)
        return [agent_of(row) for row in await self._session.run(query)]

    async def handles(self, agent_id: int) -> list[Handle]:
        query = sa.select(handle).where(handle.c.agent_id == agent_id).order_by(handle.c.platform, handle.c.user)
        return [Handle(row.platform, row.user) for row in await self._session.run(query)]

    async def enrol(self, handle_: Handle, name: str, role: Role | None, language: str, time_zone: str) -> Agent:
        known = await self.by_handle(handle_)
        if known:
            await self._session.run(sa.update(agent).where(agent.c.id == known.id).values(role=role))
            return Agent(known.id, known.name, role, known.language, known.time_zone)
        values = {"name": name, "role": role, "language": language, "time_zone": time_zone}
        row = (await self._session.run(sa.insert(agent).values(values).returning(agent))).one()
        known_as = {"platform": handle_.platform, "user": handle_.user, "agent_id": row.id}
        try:
            await self._session.run(sa.insert(handle).values(known_as))
        except IntegrityError as error:
            raise Conflict("somebody else enrolled them at this very moment") from error
        return agent_of(row)

    async def speak(self, agent_id: int, language: str) -> None:
        chosen = {"language": language, "language_chosen": True}
        await self._session.run(sa.update(agent).where(agent.c.id == agent_id).values(chosen))

    async def describe(self, agent_id: int, name: str, language: str, time_zone: str) -> None:
        told: dict[str, Any] = {"name": name, "time_zone": time_zone}
        known = {column: value for column, value in told.items() if value}
        if language:
            known["language"] = sa.case((agent.c.language_chosen, agent.c.language), else_=language)
        if known:
            await self._session.run(sa.update(agent).where(agent.c.id == agent_id).values(known))
