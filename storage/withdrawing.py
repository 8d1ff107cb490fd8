"""What was said in chat and must not stay there: letters and whispers taken back, the rest drawn anew."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from bot.notices import NoticeKind
from storage.saying import DONE, PENDING, REFUSED
from storage.session import Session
from storage.tables import advice, inquiry, outbox, telling
from storage.unindexing import chunks

SAID = (NoticeKind.LETTER, NoticeKind.WHISPER)
"""What a customer's words may stand in, beside the card."""
OF_CALLS = (
    *(NoticeKind.CALL, NoticeKind.CALL_CHECK, NoticeKind.ADVICE),
    *(NoticeKind.RECEIPTS, NoticeKind.HELP, NoticeKind.UNREAD),
)
"""What says to people of the team whom somebody talks with on the phone, and what they are advised."""
REDRAWN = (NoticeKind.CARD, NoticeKind.ESCALATION)
"""What is about the inquiry of its number, and says by itself that it was erased. Of a digest it is another number."""
_FINISHED = outbox.c.state.in_((DONE, REFUSED))
_IS_NUDGE = outbox.c.kind == NoticeKind.NUDGE
_OF_ERASED = sa.exists().where(inquiry.c.number == outbox.c.number, inquiry.c.erased_at.is_not(None))
_NAMES_ERASED = (
    sa.exists()
    .where(telling.c.outbox_id == outbox.c.id, inquiry.c.number == telling.c.number)
    .where(inquiry.c.erased_at.is_not(None))
)


async def withdrawn(session: Session, which: sa.ColumnElement[bool]) -> None:
    """Letters and whispers are due to be taken away where they stand; those that were surely never sent go unsent.

    What is being sent at this moment is taken away after that.
    """
    await _taken_away(session, outbox.c.kind.in_(SAID) & which)


async def calls_withdrawn(
    session: Session, calls: Collection[int], advice_ids: Collection[int], requests: Collection[int]
) -> None:
    """The same for what was said of these calls, of these pieces of advice and of these help requests."""
    told = {
        (NoticeKind.CALL, NoticeKind.CALL_CHECK): calls,
        (NoticeKind.RECEIPTS, NoticeKind.UNREAD): advice_ids,
        (NoticeKind.HELP,): requests,
    }
    for kinds, ids in told.items():
        for some in chunks(ids):
            await _taken_away(session, outbox.c.kind.in_(kinds) & outbox.c.version.in_(some))


async def advice_redrawn(session: Session, messages: Collection[int]) -> None:
    """These messages brought advice that is not theirs to bring any more: the rest is drawn anew, or it goes whole."""
    for some in chunks(messages):
        brings_more = sa.exists().where(advice.c.outbox_id == outbox.c.id)
        these = outbox.c.id.in_(some) & (outbox.c.kind == NoticeKind.ADVICE)
        await _taken_away(session, these & ~brings_more)
        await session.run(sa.update(outbox).where(these & brings_more).values(**_due_again(session)))


async def _taken_away(session: Session, said: sa.ColumnElement[bool]) -> None:
    never_sent = (outbox.c.state == PENDING) & outbox.c.unclear_since.is_(None) & outbox.c.message.is_(None)
    await session.run(sa.delete(outbox).where(said, never_sent))
    await session.run(sa.update(outbox).where(said).values(kind=NoticeKind.REMOVAL, **_due_again(session)))


async def redrawn(session: Session, numbers: Collection[int]) -> None:
    """Their cards, calls for help and reminders are due, wherever one was ever sent, also where none goes any more."""
    await session.run(sa.update(outbox).where(_about(numbers)).values(**_due_again(session)))


async def in_chat(session: Session, numbers: Collection[int]) -> int:
    """How many messages in chat say something of these inquiries."""
    said = outbox.c.kind.in_((*SAID, *OF_CALLS)) & outbox.c.number.in_(numbers)
    return await _count(session, said | _about(numbers))


async def left(session: Session) -> int:
    """How many messages still wait to be taken away, or to be drawn anew because their inquiry was erased."""
    redrawn = (outbox.c.kind.in_(REDRAWN) & _OF_ERASED) | (_IS_NUDGE & _NAMES_ERASED)
    to_do = (outbox.c.kind == NoticeKind.REMOVAL) | redrawn
    return await _count(session, to_do & (outbox.c.state != DONE))


def _about(numbers: Collection[int]) -> sa.ColumnElement[bool]:
    """What says something of these inquiries and is drawn anew; a reminder may name several."""
    named = sa.select(telling.c.outbox_id).where(telling.c.number.in_(numbers), telling.c.outbox_id.is_not(None))
    of_them = outbox.c.kind.in_(REDRAWN) & outbox.c.number.in_(numbers)
    was_over = (outbox.c.state == DONE) & outbox.c.message.is_(None)  # before it was sent: it stays unsent
    return of_them | (_IS_NUDGE & ~was_over & outbox.c.id.in_(named))


def _due_again(session: Session) -> dict[str, Any]:
    return {
        "state": sa.case((_FINISHED, PENDING), else_=outbox.c.state),
        "due_at": sa.case((_FINISHED, session.now()), else_=outbox.c.due_at),
        "attempts": sa.case((_FINISHED, 0), else_=outbox.c.attempts),
        "revision": outbox.c.revision + 1,
        "reason": "",
    }


async def _count(session: Session, which: sa.ColumnElement[bool]) -> int:
    return int((await session.run(sa.select(sa.func.count()).select_from(outbox).where(which))).scalar_one())
