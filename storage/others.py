"""What a person wrote in other people's inquiries, where they had a part: their words go, the inquiry stays."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from bot.domain.inquiry import excerpt
from bot.ports import TextKind
from storage.caring import unquoted
from storage.inquiry_rows import message_of
from storage.session import Session
from storage.tables import inquiry, message, outbox
from storage.unindexing import unindexed
from storage.withdrawing import redrawn, withdrawn


async def taken_out_of_others(session: Session, addresses: Collection[str]) -> None:
    """Delete what was written from these addresses; cards show what was written last by somebody else."""
    if not addresses:
        return
    written = message.c.from_address.in_(addresses) | sa.func.lower(message.c.from_address).in_(addresses)
    gone = sa.delete(message).where(written).returning(message.c.number, message.c.version)
    rows: Sequence[Any] = (await session.run(gone)).all()
    numbers = sorted({row.number for row in rows})
    for row in rows:
        await withdrawn(session, (outbox.c.number == row.number) & (outbox.c.version == row.version))
    for number in numbers:
        await _say_what_is_left(session, number)
    await unquoted(session, numbers)
    await redrawn(session, numbers)
    await unindexed(session, {TextKind.INQUIRY: numbers, TextKind.ANSWER: numbers})
    await _no_participants(session, addresses)


async def _no_participants(session: Session, addresses: Collection[str]) -> None:
    """They are not among those any more who may answer to what others wrote."""
    names_one = sa.or_(*(sa.cast(message.c.participants, sa.Text).contains(one, autoescape=True) for one in addresses))
    for row in (await session.run(sa.select(message.c.id, message.c.participants).where(names_one))).all():
        kept = [one for one in row.participants if one not in addresses]
        await session.run(sa.update(message).where(message.c.id == row.id).values(participants=kept))


async def _say_what_is_left(session: Session, number: int) -> None:
    query = sa.select(message).where(message.c.number == number, message.c.outgoing.is_(False))
    last = (await session.run(query.order_by(message.c.id.desc()).limit(1))).one_or_none()
    says = {"excerpt": "", "attachments": 0}
    if last:
        one = message_of(last)
        says = {"excerpt": excerpt(one), "attachments": len(one.attachments)}
    changed = sa.update(inquiry).where(inquiry.c.number == number)
    await session.run(changed.values(says))
