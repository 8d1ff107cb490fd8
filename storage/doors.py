"""Doors: where one writes to somebody of the team, by direct message."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from bot.ports import Place
from storage.session import Session
from storage.tables import agent, handle, outbox


async def doors(session: Session, agents: Collection[int]) -> Mapping[int, Place]:
    """Where to write to these people: by their first handle, in the order of platforms and users, as for whispers.

    Whoever is no longer of the team, or known nowhere, has no door.
    """
    found = await _handles(session, agents) if agents else []
    return dict(reversed(found))  # the last one wins: the first handle


async def door_of(session: Session, agent_id: int, tag: str) -> Place | None:
    """Where to tell them of something: where it was told first, if they are known by several handles, else their door.

    So it stays one message of theirs, which is drawn anew, whomever they join.
    """
    places = [place for _, place in await _handles(session, [agent_id])]
    if len(places) > 1:
        keys = [f"{tag}:{one.platform}:{one.channel}" for one in places]
        query = sa.select(outbox.c.platform, outbox.c.channel).where(outbox.c.key.in_(keys)).order_by(outbox.c.id)
        if told := (await session.run(query.limit(1))).first():
            return Place(told.platform, told.channel)
    return next(iter(places), None)


async def _handles(session: Session, agents: Collection[int]) -> list[tuple[int, Place]]:
    query = (
        sa.select(handle)
        .join(agent, agent.c.id == handle.c.agent_id)
        .where(handle.c.agent_id.in_(agents), agent.c.role.is_not(None))
        .order_by(handle.c.platform, handle.c.user)
    )
    return [(row.agent_id, Place(row.platform, f"@{row.user}")) for row in await session.run(query)]
