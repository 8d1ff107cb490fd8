"""What an audit of the nudges reads: events and the ledger for themselves, apart from what the engine reads."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.agent import Role
from bot.domain.events import Event
from bot.domain.inquiry import Inquiry, Status
from bot.domain.nudge import NudgeOutcome
from bot.notices import Notice, NoticeKind
from bot.ports import Place
from bot.ports.audits import Entry, Standing
from storage.inquiry_rows import EVENTS, INQUIRIES, event_of, inquiry_of
from storage.outbox import OutboxTable
from storage.saying import DONE, REFUSED
from storage.session import Session
from storage.tables import agent, event, follow_up, handle, inquiry, levels, nudge, outbox, telling

OPEN = inquiry.c.status != Status.RESOLVED


class AuditTable:
    """`bot.ports.Audits` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def now(self) -> datetime:
        return await self._session.read_clock()

    async def open_after(self, number: int, limit: int) -> list[Inquiry]:
        query = INQUIRIES.where(OPEN, inquiry.c.number > number).order_by(inquiry.c.number).limit(limit)
        return [inquiry_of(row) for row in await self._session.run(query)]

    async def timelines(self, numbers: Collection[int]) -> Mapping[int, Sequence[Event]]:
        query = EVENTS.where(event.c.number.in_(numbers))
        found: dict[int, list[Event]] = {}
        for row in await self._session.run(query):
            found.setdefault(row.number, []).append(event_of(row))
        return found

    async def noted(self, numbers: Collection[int]) -> Sequence[Entry]:
        is_lost = telling.c.outbox_id.is_not(None) & outbox.c.id.is_(None)
        query = (
            sa.select(
                nudge.c.number,
                nudge.c.key,
                nudge.c.outcome,
                nudge.c.noted_at,
                sa.func.count(telling.c.id).label("tellings"),
                sa.func.coalesce(sa.func.sum(sa.case((is_lost, 1), else_=0)), 0).label("lost"),
            )
            .outerjoin(telling, (telling.c.number == nudge.c.number) & (telling.c.key == nudge.c.key))
            .outerjoin(outbox, outbox.c.id == telling.c.outbox_id)
            .where(nudge.c.number.in_(numbers))
            .group_by(nudge.c.number, nudge.c.key, nudge.c.outcome, nudge.c.noted_at)
        )
        return [
            Entry(row.number, row.key, NudgeOutcome(row.outcome), row.noted_at, row.tellings, int(row.lost))
            for row in await self._session.run(query)
        ]

    async def standing(self) -> Standing:
        due = (inquiry.c.next_at.is_not(None)) & (inquiry.c.next_at <= self._session.now())
        query = sa.select(sa.func.count().label("due"), sa.func.min(inquiry.c.next_at).label("oldest")).where(due)
        row = (await self._session.run(query)).one()
        return Standing(row.due, row.oldest, await self.now())

    async def untimed_since(self, before: datetime, limit: int) -> Sequence[int]:
        changed = sa.select(sa.func.max(event.c.at)).where(event.c.number == inquiry.c.number).scalar_subquery()
        laid_down = sa.select(sa.func.max(levels.c.at)).scalar_subquery()
        query = sa.select(inquiry.c.number).where(
            inquiry.c.timed < inquiry.c.version, OPEN, changed < before, sa.func.coalesce(laid_down, changed) < before
        )
        return await self._numbers(query, inquiry.c.number, limit)

    async def unbound(self, before: datetime, limit: int) -> Sequence[int]:
        here = (outbox.c.platform == telling.c.platform) & (outbox.c.channel == telling.c.channel)
        is_under_way = (outbox.c.kind == NoticeKind.NUDGE.value) & outbox.c.state.not_in((DONE, REFUSED))
        under_way = sa.exists().where(is_under_way, here)
        query = sa.select(telling.c.number).where(telling.c.outbox_id.is_(None), telling.c.after < before, ~under_way)
        return await self._numbers(query, telling.c.number, limit)

    async def forgotten(self, before: datetime, limit: int) -> Sequence[int]:
        query = sa.select(follow_up.c.number).where(follow_up.c.told_at.is_(None), follow_up.c.at < before)
        return await self._numbers(query, follow_up.c.number, limit)

    async def alarm(self, first: int, count: int) -> None:
        supervisors = (
            sa.select(handle)
            .join(agent, agent.c.id == handle.c.agent_id)
            .where(agent.c.role == Role.SUPERVISOR)
            .order_by(handle.c.platform, handle.c.user)
        )
        reached: dict[int, Any] = {}
        for row in await self._session.run(supervisors):
            reached.setdefault(row.agent_id, row)
        day = (await self.now()).date()
        for agent_id, at in reached.items():
            notice = Notice(NoticeKind.MISSED, first, count, agent_id)
            tag = f"{NoticeKind.MISSED}:{day}:{agent_id}"
            await OutboxTable(self._session).say_at(Place(at.platform, f"@{at.user}"), notice, tag)

    async def _numbers(self, query: sa.Select[tuple[int]], number: sa.Column[int], limit: int) -> Sequence[int]:
        return (await self._session.run(query.distinct().order_by(number).limit(limit))).scalars().all()
