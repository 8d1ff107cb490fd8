"""Which message shows which inquiry."""

import sqlalchemy as sa

from bot.ports import MessageRef, Place, Placement
from storage.session import Session
from storage.tables import placement


class PlacementTable:
    """`bot.ports.Placements` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def of(self, number: int, place: Place) -> Placement | None:
        row = (await self._session.run(sa.select(placement).where(_at(number, place)))).one_or_none()
        if row is None:
            return None
        ref = MessageRef(row.posted_in, row.message) if row.message is not None else None
        return Placement(ref, row.generation)

    async def inquiry_at(self, platform: str, channel: str, message: str) -> int | None:
        query = sa.select(placement.c.number).where(
            placement.c.platform == platform,
            placement.c.message == message,
            sa.or_(placement.c.posted_in == channel, placement.c.channel == channel),
        )
        return (await self._session.run(query)).scalars().first()

    async def lost(self, number: int, place: Place) -> None:
        at = {"number": number, "platform": place.platform, "channel": place.channel}
        gone = self._session.upsert(placement).values(**at, posted_in="", message=None, generation=2)
        again = {"message": None, "generation": placement.c.generation + 1}
        await self._session.run(gone.on_conflict_do_update(index_elements=list(at), set_=again))


def _at(number: int, place: Place) -> sa.ColumnElement[bool]:
    return sa.and_(
        placement.c.number == number,
        placement.c.platform == place.platform,
        placement.c.channel == place.channel,
    )
