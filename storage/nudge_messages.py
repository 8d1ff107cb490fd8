"""The messages that tell nudges: one a place at a time, which others join until somebody begins to send it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.inquiry import Status
from bot.domain.nudge import Nudge, NudgeKind, Rung
from bot.domain.nudging import severity
from bot.domain.policy import Target
from bot.notices import NoticeKind
from bot.ports import Place
from bot.ports.nudges import ToldMessage, ToldNudge
from storage.saying import AMBIGUOUS, DONE, FRESH, PENDING, REFUSED, SENDING
from storage.session import Session
from storage.tables import inquiry, nudge, outbox, telling

DRAWN_ANEW = timedelta(hours=24)
"""For how long a message follows what it tells of."""
LOCK_CLASS = 1717
"""Sets the locks on places apart from other advisory locks."""

_IS_PACED = sa.text("outbox.kind IN ('nudge', 'digest')")
"""What comes at a pace in one place, as the index ix_outbox_paced says it."""
_UNTOLD = telling.c.outbox_id.is_(None)
_HERE = (telling.c.platform == sa.bindparam("on_platform")) & (telling.c.channel == sa.bindparam("in_channel"))
_READY = sa.and_(_HERE, _UNTOLD, telling.c.after <= sa.bindparam("now", type_=telling.c.after.type))
PLACES = (
    sa.select(telling.c.platform, telling.c.channel)
    .where(_UNTOLD, telling.c.after <= sa.bindparam("now", type_=telling.c.after.type))
    .distinct()
    .order_by(telling.c.platform, telling.c.channel)
)
LAST = (
    sa.select(outbox.c.id, outbox.c.kind, outbox.c.state, outbox.c.due_at, outbox.c.started_at, outbox.c.posted_at)
    .where(outbox.c.platform == sa.bindparam("on_platform"), outbox.c.channel == sa.bindparam("in_channel"), _IS_PACED)
    .order_by(outbox.c.id.desc())
    .limit(1)
    .with_for_update(key_share=True)
)
_FIRST = sa.select(telling.c.id, telling.c.number, telling.c.agent_id).where(_READY).order_by(telling.c.id).limit(1)
_BIND = sa.update(telling).where(_READY).values(outbox_id=sa.bindparam("message"))
_LINES = (
    sa.select(nudge, telling.c.rung, telling.c.agent_id, (inquiry.c.status == Status.RESOLVED).label("is_resolved"))
    .join(telling, (telling.c.number == nudge.c.number) & (telling.c.key == nudge.c.key))
    .join(inquiry, inquiry.c.number == nudge.c.number)
    .where(telling.c.outbox_id == sa.bindparam("message"))
)
_TELLING_OF = (
    sa.select(outbox.c.id)
    .where(
        outbox.c.id.in_(
            sa.select(telling.c.outbox_id).where(
                telling.c.number.in_(sa.bindparam("those", expanding=True)), telling.c.outbox_id.is_not(None)
            )
        )
    )
    .where(outbox.c.kind == NoticeKind.NUDGE.value)
    .where(outbox.c.state.in_((SENDING, AMBIGUOUS)) | ((outbox.c.state == DONE) & outbox.c.message.is_not(None)))
    .order_by(outbox.c.id)
    .with_for_update(key_share=True)
)


async def places(session: Session, now: datetime) -> list[Place]:
    """Places in which something is to be told by now that is in no message yet."""
    return [Place(row.platform, row.channel) for row in await session.run(PLACES, {"now": now})]


async def bound(session: Session, place: Place, now: datetime, pace: timedelta) -> int:
    """Put what is to be told in a place into one message; see `bot.ports.Nudges.bind`."""
    if not await _is_ours(session, place):
        return 0
    here = {"on_platform": place.platform, "in_channel": place.channel}
    first = (await session.run(_FIRST, here | {"now": now})).one_or_none()
    last = (await session.run(LAST, here)).one_or_none()
    if first is None:
        return 0
    if last and last.kind == NoticeKind.NUDGE and last.state == PENDING and last.started_at is None:
        message = last.id
    elif last and not _is_over(last, now, pace):
        return 0
    else:
        message = await _made(session, place, first)
    session.said = True
    return int((await session.run(_BIND, here | {"now": now, "message": message})).rowcount)


async def turn(session: Session, place: Place, pace: timedelta) -> timedelta:
    """How long one more message has to wait there, so that what comes at a pace keeps apart; ours until the commit."""
    if session.is_postgresql:
        await session.run(sa.select(sa.func.pg_advisory_xact_lock(LOCK_CLASS, _named(place))))
    last = (await session.run(LAST, {"on_platform": place.platform, "in_channel": place.channel})).one_or_none()
    now = await session.read_clock()
    if last is None or _is_over(last, now, pace):
        return timedelta()
    since: datetime = last.posted_at or max(last.due_at, now)
    return max(since + pace - now, timedelta())


async def drawn_anew(session: Session, numbers: Collection[int]) -> None:
    """The messages of the last day that tell of these inquiries are due again: not as new ones, where they stand.

    One that was over before it was sent stands nowhere, and stays unsent.
    One that is being sent at this moment is due again after that. They are locked in one order.
    """
    if not numbers:
        return
    lately = outbox.c.created_at >= session.now(-DRAWN_ANEW)
    found = (await session.run(_TELLING_OF.where(lately), {"those": list(numbers)})).scalars().all()
    if not found:
        return
    is_done = outbox.c.state == DONE
    again = {
        "revision": outbox.c.revision + 1,
        "state": sa.case((is_done, PENDING), else_=outbox.c.state),
        "due_at": sa.case((is_done, session.now()), else_=outbox.c.due_at),
    }
    await session.run(sa.update(outbox).where(outbox.c.id.in_(found)).values(again))
    session.said = True


async def lines_of(session: Session, message: int, limit: int) -> ToldMessage:
    """What a message tells: of each inquiry what is most severe, and each follow-up."""
    found: dict[tuple[int, str], Any] = {}
    for row in await session.run(_LINES, {"message": message}):
        line = row.number, row.key if row.kind == NudgeKind.FOLLOW_UP else ""
        if line not in found or severity(nudge_of(found[line])) < severity(nudge_of(row)):
            found[line] = row
    ordered = sorted(found.values(), key=lambda row: (row.is_resolved, row.due_at or row.at, row.number, row.key))
    lines = tuple(
        ToldNudge(row.number, nudge_of(row), Rung(row.rung), row.noted_at, row.text, row.agent_id)
        for row in ordered[:limit]
    )
    return ToldMessage(lines, len(ordered))


def nudge_of(row: Any) -> Nudge:
    return Nudge(
        kind=NudgeKind(row.kind),
        key=row.key,
        at=row.at,
        ready_at=row.noted_at,
        target=Target(row.target) if row.target else None,
        name=row.name,
        due=row.due_at,
    )


def _is_over(last: Any, now: datetime, pace: timedelta) -> bool:
    """Whether the last message is through, and long enough ago. One that is drawn anew is no message more.

    A clock that was wrong and was put back holds nothing up.
    """
    if last.posted_at is None:
        return last.state in (DONE, REFUSED)
    return not last.posted_at <= now < last.posted_at + pace


async def _is_ours(session: Session, place: Place) -> bool:
    """Whether no other process puts a message together for that place now; ours until the transaction ends."""
    if not session.is_postgresql:
        return True
    taken = await session.run(sa.select(sa.func.pg_try_advisory_xact_lock(LOCK_CLASS, _named(place))))
    return bool(taken.scalar_one())


def _named(place: Place) -> sa.ColumnElement[int]:
    return sa.func.hashtext(f"{place.platform}:{place.channel}")


async def _made(session: Session, place: Place, first: Any) -> int:
    values = {
        "key": f"{NoticeKind.NUDGE.value}{first.id}:{first.number}:{place.platform}:{place.channel}",
        "kind": NoticeKind.NUDGE.value,
        "number": first.number,
        "version": 1,
        "agent_id": first.agent_id,
        "platform": place.platform,
        "channel": place.channel,
        "created_at": session.now(),
        "due_at": session.now(),
    }
    insert = sa.insert(outbox).values(**values, **FRESH).returning(outbox.c.id)
    return int((await session.run(insert)).scalar_one())
