"""Reminding the owners of texts that somebody should look at: each date once, by however many replicas."""

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from bot.domain.agent import Agent, Role
from bot.notices import Notice, NoticeKind
from storage.outbox import OutboxTable
from storage.session import Session
from storage.tables import agent


def due(texts: sa.Table, today: date) -> sa.ColumnElement[bool]:
    """Which of these texts are to be reviewed by today, and nobody was told of that date yet."""
    is_told_already = sa.func.coalesce(texts.c.reminded_on == texts.c.review_on, sa.false())
    return (texts.c.review_on <= today) & is_told_already.is_(False)


async def remind(session: Session, texts: sa.Table, found: Iterable[tuple[int, int, date | None, Agent | None]]) -> int:
    """Tell each owner, or the supervisors in place of one who has left; says of how many texts somebody was told.

    A text is its id, the number by which a notice names it, the date and its owner.
    """
    query = sa.select(agent.c.id).where(agent.c.role == Role.SUPERVISOR).order_by(agent.c.id)
    supervisors = (await session.run(query)).scalars().all()
    reminded = 0
    for id_, number, on, owner in found:
        told = [owner.id] if owner and owner.role else supervisors
        if on and told and await _is_first(session, texts, id_, on):
            notices = [("", Notice(NoticeKind.REVIEW, number, on.toordinal(), person)) for person in told]
            await OutboxTable(session).say(notices)
            reminded += 1
    return reminded


async def _is_first(session: Session, texts: sa.Table, id_: int, on: date) -> bool:
    """Another replica may be at it: the first to write the date down says it."""
    reminded = texts.c.reminded_on
    update = (
        sa.update(texts)
        .where(texts.c.id == id_, texts.c.review_on == on, sa.or_(reminded.is_(None), reminded != on))
        .values(reminded_on=on)
    )
    return (await session.run(update)).rowcount == 1
