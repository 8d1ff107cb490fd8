"""The team: agents and who they are on each platform."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.domain.agent import Agent, Role
from bot.domain.errors import Conflict
from bot.domain.inquiry import Status
from bot.notices import Notice, NoticeKind
from bot.ports import Handle
from storage.outbox import OutboxTable
from storage.session import Session
from storage.tables import (
    absence,
    advice,
    agent,
    escalation,
    extension,
    follow_up,
    handle,
    help_request,
    inquiry,
    link,
    phone_call,
    telling,
)

_THEIRS = (
    absence.c.agent_id,
    follow_up.c.agent_id,
    telling.c.agent_id,
    escalation.c.agent_id,
    escalation.c.taken_by,
    escalation.c.answered_by,
    phone_call.c.agent_id,
    extension.c.agent_id,
    help_request.c.agent_id,
    help_request.c.answered_by,
    advice.c.to_id,
    advice.c.sender_id,
    advice.c.second_id,
)
"""What is somebody's, beside the inquiries that they hold."""
_twin = phone_call.alias("twin")
_FORGET_LINE = (
    sa.update(phone_call)
    .where(phone_call.c.agent_id == sa.bindparam("other"))
    .where(
        sa.exists()
        .where(_twin.c.agent_id == sa.bindparam("kept"))
        .where(_twin.c.provider == phone_call.c.provider, _twin.c.line == phone_call.c.line)
    )
    .values(provider=None, line=None)
)
"""Of a call that one of the two passed on to the other, telephony knows but one from now on."""
_BY_HANDLE = (
    sa.select(agent)
    .join(handle, handle.c.agent_id == agent.c.id)
    .where(handle.c.platform == sa.bindparam("platform"), handle.c.user == sa.bindparam("user"))
)


async def lock(session: Session, agent_id: int) -> None:
    """Let nobody else work on this agent's calls, or put messages to them together, until the transaction ends.

    On SQLite whoever writes is alone. Not the key: rows that only name the agent may be put in meanwhile.
    """
    if session.is_postgresql:
        await session.run(sa.select(agent.c.id).where(agent.c.id == agent_id).with_for_update(key_share=True))


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
        order = (handle.c.joined, handle.c.platform, handle.c.user)
        query = sa.select(handle).where(handle.c.agent_id == agent_id).order_by(*order)
        return [Handle(row.platform, row.user) for row in await self._session.run(query)]

    async def enrol(self, handle_: Handle, name: str, role: Role | None, language: str, time_zone: str) -> Agent:
        known = await self.by_handle(handle_)
        if known:
            await self._session.run(sa.update(agent).where(agent.c.id == known.id).values(role=role, role_from=""))
            return Agent(known.id, known.name, role, known.language, known.time_zone)
        values = {"name": name, "role": role, "language": language, "time_zone": time_zone}
        row = (await self._session.run(sa.insert(agent).values(values).returning(agent))).one()
        await self._name(handle_, row.id)
        return agent_of(row)

    async def appoint(self, agent_id: int, role: Role | None, by: Handle) -> None:
        given = {"role": role, "role_from": _written(by)}
        await self._session.run(sa.update(agent).where(agent.c.id == agent_id).values(given))

    async def appointed_by(self, agent_id: int, by: Handle) -> bool:
        role_from = sa.select(agent.c.role_from).where(agent.c.id == agent_id)
        return bool((await self._session.run(role_from)).scalar_one() == _written(by))

    async def offer_link(self, agent_id: int, code: str, until: datetime) -> None:
        fresh = {"digest": _digest(code), "until": until}
        offered = self._session.upsert(link).values(agent_id=agent_id, **fresh)
        await self._session.run(offered.on_conflict_do_update(index_elements=["agent_id"], set_=fresh))

    async def take_link(self, code: str, now: datetime) -> Agent | None:
        taken = sa.delete(link).where(link.c.digest == _digest(code)).returning(link.c.agent_id, link.c.until)
        found = (await self._session.run(taken)).one_or_none()
        if found is None or found.until < now:
            return None
        return agent_of((await self._session.run(sa.select(agent).where(agent.c.id == found.agent_id))).one())

    async def join(self, kept: Agent, handle_: Handle, other: Agent | None) -> Agent:
        ids = [one.id for one in (kept, other) if one]
        # Two who join each other at the same moment wait here, in one order, and the second decides anew.
        locked = sa.select(agent).where(agent.c.id.in_(ids)).order_by(agent.c.id).with_for_update()
        rows = {row.id: row for row in await self._session.run(locked)}
        if agent_of(rows[kept.id]) != kept or await self.by_handle(handle_) != other:
            raise Conflict("one of the two changed at this very moment")
        if other is None:
            await self._name(handle_, kept.id, joined=True)
            return kept
        joined = {"agent_id": kept.id, "joined": True}
        await self._session.run(sa.update(handle).where(handle.c.agent_id == other.id).values(joined))
        await self._hand_over(other.id, kept.id)
        await self._session.run(_FORGET_LINE, {"kept": kept.id, "other": other.id})
        for column in _THEIRS:
            theirs = sa.update(column.table).where(column == other.id).values({column.name: kept.id})
            await self._session.run(theirs)
        if not rows[kept.id].quiet_from:
            quiet = {"quiet_from": rows[other.id].quiet_from, "quiet_until": rows[other.id].quiet_until}
            await self._session.run(sa.update(agent).where(agent.c.id == kept.id).values(quiet))
        higher = max((rows[kept.id], rows[other.id]), key=_weight)
        role = {"role": higher.role, "role_from": higher.role_from}
        await self._session.run(sa.update(agent).where(agent.c.id == kept.id).values(role))
        await self._session.run(sa.update(agent).where(agent.c.id == other.id).values(role=None, role_from=""))
        return replace(kept, role=Role(higher.role) if higher.role else None)

    async def _hand_over(self, holder: int, to: int) -> None:
        """What somebody has or had, with a new version for each, so that whoever changes one of them decides anew."""
        changes = {"holder_id": to, "version": inquiry.c.version + 1}
        handed = sa.update(inquiry).where(inquiry.c.holder_id == holder).values(changes).returning(inquiry)
        moved = sorted(await self._session.run(handed), key=lambda row: int(row.number))
        cards = [
            (row.queue, Notice(NoticeKind.CARD, row.number, row.version))
            for row in moved
            if row.status != Status.RESOLVED
        ]
        await OutboxTable(self._session).say(cards)

    async def _name(self, handle_: Handle, agent_id: int, joined: bool = False) -> None:
        known_as = {"platform": handle_.platform, "user": handle_.user, "agent_id": agent_id, "joined": joined}
        try:
            await self._session.run(sa.insert(handle).values(known_as))
        except IntegrityError as error:
            raise Conflict("somebody else enrolled them at this very moment") from error

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


def _written(handle_: Handle) -> str:
    return f"{handle_.platform}:{handle_.user}"


def _weight(row: Any) -> tuple[int, bool]:
    """The higher role weighs more; of two that are alike, the one that a person gave."""
    return list(Role).index(row.role) if row.role else -1, not row.role_from


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()
