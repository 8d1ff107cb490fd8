"""How notices get into the outbox: the states of its rows, and the statement that puts them in or marks them again."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.notices import Notice, NoticeKind
from storage.session import present, upsert
from storage.tables import handle, outbox, route

PENDING, SENDING, AMBIGUOUS, DONE, REFUSED = "pending", "sending", "ambiguous", "done", "refused"

FRESH = {"state": PENDING, "revision": 1, "taken": 0, "attempts": 0, "looks": 0, "owner": "", "reason": ""}
_CHANNELS = sa.select(route.c.platform, route.c.channel).where(route.c.queue == sa.bindparam("shown_in"))
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
def saying(is_whisper: bool, is_postgresql: bool) -> sa.Insert:
    """One row for each place that a notice goes to, or where such a row is: due again. Made once; see `say`."""
    to = (_PEOPLE if is_whisper else _CHANNELS).subquery()
    number, version = sa.bindparam("of", type_=sa.Integer()), sa.bindparam("to", type_=sa.Integer())
    now = present(is_postgresql)
    values: dict[str, Any] = {
        "key": sa.bindparam("tag", type_=sa.Text()).concat(to.c.platform).concat(":").concat(to.c.channel),
        "kind": sa.bindparam("says", type_=sa.Text()),
        "number": number,
        "version": version,
        "agent_id": sa.bindparam("whom", type_=sa.Integer()),
        "platform": to.c.platform,
        "channel": to.c.channel,
        "created_at": now,
        "due_at": now,
    } | {name: sa.literal(value) for name, value in FRESH.items()}
    query = sa.select(*(value.label(name) for name, value in values.items())).where(sa.true())
    finished = (outbox.c.state == DONE) | (outbox.c.state == REFUSED)
    again = {
        "revision": outbox.c.revision + 1,
        "version": version,
        "state": sa.case((finished, PENDING), else_=outbox.c.state),
        "due_at": sa.case((finished, now), else_=outbox.c.due_at),
        "created_at": sa.case((finished, now), else_=outbox.c.created_at),
        "attempts": sa.case((finished, 0), else_=outbox.c.attempts),
    }
    insert = upsert(outbox, is_postgresql).from_select(list(values), query)
    return insert.on_conflict_do_update(index_elements=["key"], set_=again)
