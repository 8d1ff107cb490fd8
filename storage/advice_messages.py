"""The messages that bring advice: few to somebody on a call, with several pieces each; a note has one of its own."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.domain.advice import Advice, AdviceState, Token
from bot.domain.advising import MOST_PIECES, next_message
from bot.notices import Notice, NoticeKind
from bot.ports import Place
from storage.advice_rows import Kept, kept_where
from storage.doors import doors
from storage.outbox import OutboxTable
from storage.saying import AMBIGUOUS, DONE, PENDING, SENDING
from storage.session import Session
from storage.tables import advice, outbox, phone_call, receipt

_IS_ADVICE = outbox.c.kind == NoticeKind.ADVICE.value
_UNBEGUN = _IS_ADVICE & (outbox.c.state == PENDING) & outbox.c.started_at.is_(None)
_UNDER_WAY = outbox.c.state.in_((PENDING, SENDING, AMBIGUOUS))


async def bound(
    session: Session, agent_id: int, every: timedelta, quiet_until: datetime | None, notes_from: datetime | None
) -> list[Advice]:
    """Put what is queued for an agent, who is locked, into messages; see `bot.ports.AdviceRoom.bind`.

    Answers with what is in none because its call is over. Without a door to them, all of it waits.
    """
    place = (await doors(session, [agent_id])).get(agent_id)
    if place is None:
        return []
    unbegun = await _unbegun(session, agent_id)
    queued = await _queued(session, agent_id, unbegun)
    live = await _live(session, {one.advice.call for one in queued if one.advice.call})
    loose = [one for one in queued if one.message is None]
    over = [one.advice for one in loose if one.advice.call is not None and one.advice.call not in live]
    now = await session.read_clock()
    for one in (one for one in queued if one.advice.call is None):
        await _note(session, one, place, unbegun, max(filter(None, [now, quiet_until, notes_from])), now)
    whispers = [one for one in queued if one.advice.call in live]
    if whispers:
        await _whispers(session, whispers, place, unbegun, every, quiet_until, now)
    return over


async def drawn_anew(session: Session, messages: Collection[int]) -> None:
    """What these messages say has changed: they are due again where they stand, and after they are sent.

    One of which nothing is left goes at once, which posts nothing and lets go of what waited for it.
    """
    if not messages:
        return
    stands = (outbox.c.state == DONE) & outbox.c.message.is_not(None)
    again = {
        "revision": outbox.c.revision + 1,
        "state": sa.case((stands, PENDING), else_=outbox.c.state),
        "due_at": sa.case((stands, session.now()), else_=outbox.c.due_at),
        "created_at": sa.case((stands, session.now()), else_=outbox.c.created_at),
    }
    these = outbox.c.id.in_(messages)
    await session.run(sa.update(outbox).where(these, stands | _UNDER_WAY).values(again))
    withdrawn = sa.exists().where(receipt.c.advice_id == advice.c.id, receipt.c.token == Token.WITHDRAWN.value)
    something = sa.exists().where(advice.c.outbox_id == outbox.c.id, ~withdrawn)
    now = {"due_at": session.now(), "created_at": session.now()}
    await session.run(sa.update(outbox).where(these, _UNBEGUN, ~something).values(now))
    session.said = True


async def spaced(session: Session, agent_id: int, every: timedelta) -> None:
    """A message to an agent, who is locked, has just gone out: those that did not keep away from it."""
    whispered = sa.exists().where(advice.c.outbox_id == outbox.c.id, advice.c.call_id.is_not(None))
    waits = _IS_ADVICE & outbox.c.state.in_((PENDING, AMBIGUOUS)) & outbox.c.message.is_(None)
    query = sa.select(outbox.c.id, outbox.c.due_at).where(waits, outbox.c.agent_id == agent_id, whispered)
    at = await session.read_clock() + every
    for row in (await session.run(query.order_by(outbox.c.id).with_for_update(key_share=True))).all():
        await _due(session, row.id, row.due_at, max(row.due_at, at))
        at = max(row.due_at, at) + every


async def _unbegun(session: Session, agent_id: int) -> dict[int, datetime]:
    """The messages to an agent that nobody has begun to send, and when they are due; they stay so until the commit."""
    query = sa.select(outbox.c.id, outbox.c.due_at).where(_UNBEGUN, outbox.c.agent_id == agent_id)
    rows = await session.run(query.order_by(outbox.c.id).with_for_update(key_share=True))
    return {row.id: row.due_at for row in rows}


async def _queued(session: Session, agent_id: int, unbegun: Collection[int]) -> list[Kept]:
    waits = advice.c.outbox_id.is_(None) | advice.c.outbox_id.in_(unbegun)
    found = await kept_where(session, (advice.c.to_id == agent_id) & waits)
    return [one for one in found if one.advice.state is AdviceState.QUEUED]


async def _live(session: Session, calls: Collection[int]) -> set[int]:
    if not calls:
        return set()
    query = sa.select(phone_call.c.id).where(phone_call.c.id.in_(calls), phone_call.c.is_live)
    return set((await session.run(query)).scalars())


async def _note(
    session: Session, note: Kept, place: Place, unbegun: dict[int, datetime], at: datetime, now: datetime
) -> None:
    if note.message is None:
        await _bind(session, await _made(session, [note], place, at - now), [note])
    elif unbegun[note.message] > now:
        await _due(session, note.message, unbegun[note.message], at)


async def _whispers(
    session: Session,
    queued: Sequence[Kept],
    place: Place,
    unbegun: dict[int, datetime],
    every: timedelta,
    quiet_until: datetime | None,
    now: datetime,
) -> None:
    """Fill the messages that nobody has begun, then make as many more as are needed, each due at its time.

    The times are the database's: what a process wrote down by a clock of its own was queued by now.
    """
    last = await _last_at(session, queued[0].advice.to.id, now)
    by_id = {one.advice.id: one for one in queued}
    loose = [_by(now, one) for one in queued if one.message is None]
    for message in sorted(unbegun):
        held = [_by(now, one) for one in queued if one.message == message]
        if not held:
            continue  # a note, or nothing is left of it
        room = next_message([one for one in loose if one.call == held[0].call], None)
        more = room.pieces[: MOST_PIECES - len(held)] if room else ()
        await _bind(session, message, [by_id[one.id] for one in more])
        loose = [one for one in loose if one not in more]
        due = next_message([*held, *more], last, every, quiet_until)
        assert due is not None
        await _due(session, message, unbegun[message], due.at if due.at > now else min(unbegun[message], now))
        last = max(due.at, now)
    while loose:
        going = next_message([one for one in loose if one.call == loose[0].call], last, every, quiet_until)
        assert going is not None
        pieces = [by_id[one.id] for one in going.pieces]
        await _bind(session, await _made(session, pieces, place, max(going.at - now, timedelta())), pieces)
        loose = [one for one in loose if one not in going.pieces]
        last = max(going.at, now)


def _by(now: datetime, piece: Kept) -> Advice:
    return replace(piece.advice, at=min(piece.advice.at, now))


async def _last_at(session: Session, agent_id: int, now: datetime) -> datetime | None:
    """When the last message that was begun went out to an agent on a call, as far as is known.

    A clock that was wrong and was put back holds nothing up.
    """
    query = (
        sa.select(sa.func.coalesce(outbox.c.posted_at, outbox.c.started_at, type_=outbox.c.due_at.type))
        .join(advice, advice.c.outbox_id == outbox.c.id)
        .where(advice.c.to_id == agent_id, advice.c.call_id.is_not(None), outbox.c.started_at.is_not(None))
        .where(outbox.c.posted_at.is_not(None) | _UNDER_WAY)
        .order_by(outbox.c.id.desc())
        .limit(1)
    )
    last: datetime | None = (await session.run(query)).scalar_one_or_none()
    return min(last, now) if last else None


async def _made(session: Session, pieces: Sequence[Kept], place: Place, wait: timedelta) -> int:
    first = pieces[0]
    notice = Notice(NoticeKind.ADVICE, first.number or 0, first.advice.id, first.advice.to.id)
    return await OutboxTable(session).say_at(place, notice, f"{NoticeKind.ADVICE.value}{first.advice.id}", wait)


async def _bind(session: Session, message: int, pieces: Sequence[Kept]) -> None:
    if pieces:
        these = advice.c.id.in_([one.advice.id for one in pieces])
        await session.run(sa.update(advice).where(these).values(outbox_id=message))


async def _due(session: Session, message: int, before: datetime, at: datetime) -> None:
    """Send it then, instead of `before`."""
    if at != before:
        await session.run(sa.update(outbox).where(outbox.c.id == message).values(due_at=at, created_at=at))
        session.said = True
