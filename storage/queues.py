"""The queues, and the channels that show their cards."""

from typing import Any

import sqlalchemy as sa

from bot.domain.inquiry import Status
from bot.notices import Notice, NoticeKind
from bot.ports import Place, Queue
from storage.outbox import OutboxTable
from storage.session import Session
from storage.tables import inquiry, queue, route

_QUEUES = (
    sa.select(queue, route.c.platform, route.c.channel)
    .outerjoin(route, route.c.queue == queue.c.name)
    .order_by(queue.c.name, route.c.platform, route.c.channel)
)
_BY_NAME = _QUEUES.where(queue.c.name == sa.bindparam("of"))


class QueueTable:
    """`bot.ports.Queues` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, name: str) -> Queue | None:
        found = await self._found(_BY_NAME, {"of": name})
        return found[0] if found else None

    async def all(self) -> list[Queue]:
        return await self._found(_QUEUES, {})

    async def add(self, name: str, language: str, time_zone: str) -> None:
        values = {"name": name, "language": language, "time_zone": time_zone}
        await self._session.run(self._session.upsert(queue).values(values).on_conflict_do_nothing())

    async def show(self, name: str, place: Place) -> bool:
        values = {"queue": name, "platform": place.platform, "channel": place.channel}
        insert = self._session.upsert(route).values(values).on_conflict_do_nothing()
        if (await self._session.run(insert.returning(route.c.queue))).one_or_none() is None:
            return False
        unresolved = sa.select(inquiry.c.number, inquiry.c.version).where(
            inquiry.c.queue == name, inquiry.c.status != Status.RESOLVED
        )
        rows = (await self._session.run(unresolved.order_by(inquiry.c.number))).all()
        cards = [(name, Notice(NoticeKind.CARD, row.number, row.version)) for row in rows]
        await OutboxTable(self._session).say(cards)
        return True

    async def hide(self, name: str, place: Place) -> bool:
        gone = await self._session.run(
            sa.delete(route).where(
                route.c.queue == name, route.c.platform == place.platform, route.c.channel == place.channel
            )
        )
        return gone.rowcount > 0

    async def _found(self, query: sa.Select[Any], named: dict[str, Any]) -> list[Queue]:
        found: dict[str, tuple[Any, list[Place]]] = {}
        for row in await self._session.run(query, named):
            _, places = found.setdefault(row.name, (row, []))
            if row.platform is not None:
                places.append(Place(row.platform, row.channel))
        return [Queue(row.name, row.language, row.time_zone, tuple(places)) for row, places in found.values()]
