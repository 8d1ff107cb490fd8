"""How notices get into the outbox: the states of its rows, and the statement that puts them in or marks them again."""

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.notices import Notice, NoticeKind
from storage.dialects import PLACE, given, present, upsert
from storage.tables import handle, outbox, route

PENDING, SENDING, AMBIGUOUS, DONE, REFUSED = "pending", "sending", "ambiguous", "done", "refused"

TO_PEOPLE = (NoticeKind.WHISPER, NoticeKind.REVIEW)
"""What is said to one person, by direct message, and not in a queue's channels."""

FRESH = {"state": PENDING, "revision": 1, "taken": 0, "attempts": 0, "looks": 0, "owner": "", "reason": ""}
_PEOPLE = (
    sa.select(handle.c.platform, sa.literal("@").concat(handle.c.user).label("channel"))
    .where(handle.c.agent_id == sa.bindparam("whom"))
    .order_by(handle.c.platform, handle.c.user)
    .limit(1)
)


def tag_of(notice: Notice) -> str:
    """The beginning of a notice's key: a card has one row a place, anything else one for each version."""
    return notice.kind.value if notice.kind is NoticeKind.CARD else f"{notice.kind.value}{notice.version}"


@cache
def saying(is_whisper: bool, is_postgresql: bool) -> tuple[sa.Insert, bool]:
    """One row for each place that a notice goes to, or where such a row is: due again. Made once; see `say`.

    The second says whether the notices are to be `as_given` to PostgreSQL: whispers are few, and go one by one.
    """
    is_bulk = is_postgresql and not is_whisper
    types = {"tag": sa.Text(), "says": sa.Text(), "of": sa.Integer(), "to": sa.Integer(), "whom": sa.Integer()}
    said = given(is_bulk, **types, shown_in=sa.Text())
    to = _PEOPLE.subquery().c if is_whisper else route.c
    now = present(is_postgresql)
    values: dict[str, Any] = {
        "key": said["tag"].concat(to.platform).concat(":").concat(to.channel),
        "kind": said["says"],
        "number": said["of"],
        "version": said["to"],
        "agent_id": said["whom"],
        "platform": to.platform,
        "channel": to.channel,
        "created_at": now,
        "due_at": now,
    } | {name: sa.literal(value) for name, value in FRESH.items()}
    query = sa.select(*(value.label(name) for name, value in values.items()))
    query = query.where(sa.true() if is_whisper else to.queue == said["shown_in"])
    if is_bulk:
        query = query.order_by(said[PLACE], to.platform, to.channel)
    insert = upsert(outbox, is_postgresql).from_select(list(values), query)
    return insert.on_conflict_do_update(index_elements=["key"], set_=said_again(insert, now)), is_bulk


def said_again(insert: Any, now: sa.ColumnElement[datetime]) -> dict[str, Any]:
    """What becomes of a notice that is in already: due once more, from `now` on if it was finished."""
    finished = (outbox.c.state == DONE) | (outbox.c.state == REFUSED)
    return {
        "revision": outbox.c.revision + 1,
        "version": insert.excluded.version,
        "state": sa.case((finished, PENDING), else_=outbox.c.state),
        "due_at": sa.case((finished, now), else_=outbox.c.due_at),
        "created_at": sa.case((finished, now), else_=outbox.c.created_at),
        "attempts": sa.case((finished, 0), else_=outbox.c.attempts),
    }
