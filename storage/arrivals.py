"""Events of platforms that have had their effect, so that none has it twice."""

from datetime import datetime

import sqlalchemy as sa

from storage.session import Session
from storage.tables import arrival


class ArrivalTable:
    """`bot.ports.Arrivals` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def first(self, source: str, event: str) -> bool:
        noted = self._session.upsert(arrival).values(source=source, event=event, at=self._session.now())
        first = noted.on_conflict_do_nothing().returning(arrival.c.event)
        return (await self._session.run(first)).first() is not None

    async def count(self, source: str, since: datetime) -> int:
        lately = sa.select(sa.func.count()).where(arrival.c.source == source, arrival.c.at >= since)
        return int((await self._session.run(lately)).scalar_one())

    async def forget(self, before: datetime) -> int:
        return (await self._session.run(sa.delete(arrival).where(arrival.c.at < before))).rowcount
