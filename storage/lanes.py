"""What comes first in the outbox: whispers before all else, then the oldest, in order for each inquiry and place."""

from datetime import datetime

import sqlalchemy as sa

from bot.notices import NoticeKind
from storage.saying import AMBIGUOUS, PENDING, SENDING
from storage.tables import outbox

DUE_STATES = outbox.c.state.in_((PENDING, SENDING, AMBIGUOUS))
URGENT = sa.text("outbox.kind = 'advice' AND outbox.state <> 'done' AND outbox.state <> 'refused'")
"""Whispers on their way, as the index ix_outbox_urgent says it: with values that are bound it would not be used."""

_OTHER = outbox.alias("other")
_IN_LANE = sa.exists().where(
    _OTHER.c.platform == outbox.c.platform,
    _OTHER.c.channel == outbox.c.channel,
    _OTHER.c.number == outbox.c.number,
)
_IS_WHISPER = _OTHER.c.kind == NoticeKind.ADVICE
_WAITS = _OTHER.c.state.in_((PENDING, SENDING, AMBIGUOUS))
_IS_EARLIER = _OTHER.c.id < outbox.c.id


def first_of_lane(now: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """Nothing about the same inquiry waits before it there. Whispers wait for no other notice, nor those for them.

    Of whispers one is sent after the other, so that they keep their distance when several are due after an outage; one
    in trouble, which is to be tried again later, holds up none.
    """
    is_left = (_OTHER.c.state != SENDING) | (_OTHER.c.lease_until <= now)  # or begun by a process that is dead
    is_next = is_left & (_OTHER.c.due_at <= now) & _IS_EARLIER
    is_going = (_OTHER.c.state == SENDING) & (_OTHER.c.lease_until > now) & (_OTHER.c.id != outbox.c.id)
    unsent = _IN_LANE.where(_IS_WHISPER, _WAITS, _OTHER.c.message.is_(None), is_next | is_going)
    whisper = outbox.c.kind == NoticeKind.ADVICE
    return sa.case((whisper, ~unsent), else_=~_IN_LANE.where(~_IS_WHISPER, _WAITS, _IS_EARLIER))


WHISPERS_FIRST = sa.case((outbox.c.kind == NoticeKind.ADVICE, 0), else_=1), outbox.c.id
"""The order in which notices are taken."""
