"""Digests in the store."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.digest import Digest, Figures, Load, Part, Slot
from bot.domain.events import EventKind
from bot.domain.inquiry import Inquiry, Status
from bot.domain.timeline import WAITING
from bot.notices import Notice, NoticeKind
from storage.inquiry_rows import INQUIRIES, inquiry_of
from storage.nudge_messages import turn
from storage.outbox import OutboxTable
from storage.queues import QueueTable
from storage.session import Session
from storage.tables import agent, digest, event, inquiry

PACE = timedelta(seconds=10)
"""Between two messages in one channel: digests of several queues, and nudges."""
_OPEN = inquiry.c.status.in_([status for status in Status if status is not Status.RESOLVED])
"""Each by its name, so that the index of what is open fits."""
_WAITING = inquiry.c.status.in_(WAITING)


class DigestTable:
    """`bot.ports.Digests` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, digest_: int, /) -> Digest | None:
        return await self._first(sa.select(digest).where(digest.c.id == digest_))

    async def before(self, queue: str, part: Part, day: date, /) -> Digest | None:
        earlier = (digest.c.queue == queue) & (digest.c.part == part) & (digest.c.day < day)
        return await self._first(sa.select(digest).where(earlier).order_by(digest.c.day.desc()))

    async def newest(self, queue: str, /) -> Digest | None:
        return await self._first(sa.select(digest).where(digest.c.queue == queue).order_by(digest.c.at.desc()))

    async def told(self, queues: Collection[str], since: date, /) -> set[tuple[str, date, Part]]:
        kept = sa.select(digest.c.queue, digest.c.day, digest.c.part)
        wanted = kept.where(digest.c.queue.in_(sorted(queues)), digest.c.day >= since)
        return {(row.queue, row.day, Part(row.part)) for row in await self._session.run(wanted)}

    async def keep(self, queue: str, slot: Slot, at: datetime, figures: Figures, /) -> int | None:
        values = {"queue": queue, "day": slot.day, "part": slot.part.value, "at": at, "figures": figures.written()}
        insert = self._session.upsert(digest).values(values).on_conflict_do_nothing()
        kept = (await self._session.run(insert.returning(digest.c.id))).scalar_one_or_none()
        if kept is None:
            return None
        outbox, notice = OutboxTable(self._session), Notice(NoticeKind.DIGEST, kept, 1)
        shown = await QueueTable(self._session).get(queue)
        for place in shown.places if shown else ():
            wait = await turn(self._session, place, PACE)
            await outbox.say_at(place, notice, f"{NoticeKind.DIGEST}:{kept}", wait)
        return int(kept)

    async def figures(self, queue: str, now: datetime, today: datetime, since: datetime, /) -> Figures:
        loads: list[Load] = []
        sums = dict.fromkeys(("overdue", "today", "open", "unclaimed", "on_customer", "on_third_party"), 0)
        for row in await self._session.run(_loads(queue, now, today)):
            loads.append(Load(row.holder_id, row.name or "", row.open, row.overdue, row.today, row.waiting))
            for name in sums:
                sums[name] += getattr(row, name)
        new = await self._count(_opened(queue, since))
        resolved = await self._count(_resolved(queue, since))
        return Figures(**sums, new=new, resolved=resolved, loads=tuple(loads))

    async def urgent(self, queue: str, limit: int, /) -> list[Inquiry]:
        due = inquiry.c.due_at.is_not(None) & (inquiry.c.queue == queue) & _OPEN & ~_WAITING
        query = INQUIRIES.where(due).order_by(inquiry.c.due_at, inquiry.c.number).limit(limit)
        return [inquiry_of(row) for row in await self._session.run(query)]

    async def unclaimed(self) -> Mapping[str, int]:
        free = _OPEN & ~_WAITING & inquiry.c.holder_id.is_(None)
        query = sa.select(inquiry.c.queue, sa.func.count().label("n")).where(free).group_by(inquiry.c.queue)
        return {row.queue: row.n for row in await self._session.run(query.order_by(inquiry.c.queue))}

    async def _count(self, query: sa.Select[Any]) -> int:
        return int((await self._session.run(query)).scalar_one())

    async def _first(self, query: sa.Select[Any]) -> Digest | None:
        row = (await self._session.run(query.limit(1))).one_or_none()
        if row is None:
            return None
        return Digest(row.queue, Slot(row.day, Part(row.part)), row.at, Figures.read(row.figures))


def _loads(queue: str, now: datetime, today: datetime) -> sa.Select[Any]:
    """A row for each holder, and one for what nobody has: the heaviest first."""
    is_overdue = sa.and_(inquiry.c.due_at.is_not(None), inquiry.c.due_at < now)
    is_due_today = sa.and_(inquiry.c.due_at.is_not(None), inquiry.c.due_at >= now, inquiry.c.due_at < today)
    is_later = sa.or_(inquiry.c.due_at.is_(None), inquiry.c.due_at >= today)
    counted = {
        "overdue": is_overdue,
        "today": is_due_today,
        "waiting": sa.and_(_WAITING, is_later),
        "unclaimed": sa.and_(inquiry.c.holder_id.is_(None), ~_WAITING),
        "on_customer": inquiry.c.status == Status.WAITING_ON_CUSTOMER,
        "on_third_party": inquiry.c.status == Status.WAITING_ON_THIRD_PARTY,
    }
    columns = {name: sa.func.sum(sa.case((which, 1), else_=0)).label(name) for name, which in counted.items()}
    total = sa.func.count().label("open")
    return (
        sa.select(inquiry.c.holder_id, agent.c.name, total, *columns.values())
        .select_from(inquiry.outerjoin(agent, agent.c.id == inquiry.c.holder_id))
        .where(inquiry.c.queue == queue, _OPEN)
        .group_by(inquiry.c.holder_id, agent.c.name)
        .order_by(columns["overdue"].desc(), columns["today"].desc(), total.desc(), agent.c.name)
    )


def _happened(queue: str, since: datetime, kind: EventKind) -> sa.Select[Any]:
    """How many inquiries of a queue saw such an event since then, by the index of what happened when."""
    query = sa.select(sa.func.count(event.c.number.distinct())).join(inquiry, inquiry.c.number == event.c.number)
    return query.where(event.c.at >= since, event.c.kind == kind, inquiry.c.queue == queue)


def _opened(queue: str, since: datetime) -> sa.Select[Any]:
    return _happened(queue, since, EventKind.OPENED)


def _resolved(queue: str, since: datetime) -> sa.Select[Any]:
    """Those that are resolved still."""
    return _happened(queue, since, EventKind.RESOLVED).where(inquiry.c.status == Status.RESOLVED)
