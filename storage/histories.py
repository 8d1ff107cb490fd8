"""What customers asked so far."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.chat.text import one_line, shorten
from bot.domain.inquiry import Inquiry
from bot.ports import Contact
from storage.inquiry_rows import INQUIRIES, inquiry_of
from storage.session import Session
from storage.tables import inquiry, message

COUNTED = 100
"""How far contacts are counted beyond the page; see `bot.ports.Histories`."""
ANSWER_LENGTH = 300
"""Characters of an answer that are kept; of what was sent, a few more are read, for the spaces that go."""

_IS_OPEN = sa.text("status != 'resolved'")
"""As the index ix_inquiry_open_of says it: with a parameter in it, no database would know that the index fits."""
_NEWEST = (inquiry.c.opened_at.desc(), inquiry.c.number.desc())
_PERSON = inquiry.c.customer_id == sa.bindparam("person")


def _contacts() -> sa.Select[Any]:
    """The page, with the answers and the count, in one statement. No part reads more rows than it has to show."""
    until = sa.bindparam("until", type_=sa.Integer())
    still_open = (
        sa.select(inquiry.c.number, inquiry.c.opened_at, sa.literal_column("0").label("place"))
        .where(_PERSON, _IS_OPEN)
        .order_by(*_NEWEST)
        .limit(until)
        .cte("still_open")
    )
    left = until - sa.select(sa.func.count()).select_from(still_open).scalar_subquery()
    done = (
        sa.select(inquiry.c.number, inquiry.c.opened_at, sa.literal_column("1").label("place"))
        .where(_PERSON, sa.text("status = 'resolved'"))
        .order_by(*_NEWEST)
        .limit(left)
        .cte("done")
    )
    both = sa.union_all(sa.select(still_open), sa.select(done)).subquery("both")
    order = (both.c.place, both.c.opened_at.desc(), both.c.number.desc())
    page = (
        sa.select(both)
        .order_by(*order)
        .limit(sa.bindparam("limit", type_=sa.Integer()))
        .offset(sa.bindparam("offset", type_=sa.Integer()))
        .subquery("page")
    )
    said = sa.func.coalesce(sa.func.nullif(message.c.reply_text, ""), message.c.text)
    answer = (
        sa.select(sa.func.substr(said, 1, 2 * ANSWER_LENGTH))
        .where(message.c.number == page.c.number, message.c.outgoing.is_(True))
        .order_by(message.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        INQUIRIES.add_columns(answer.label("answer"), _COUNT.scalar_subquery().label("total"))
        .join(page, page.c.number == inquiry.c.number)
        .order_by(page.c.place, page.c.opened_at.desc(), page.c.number.desc())
    )


_COUNT = sa.select(sa.func.count()).select_from(
    sa.select(inquiry.c.number)
    .where(_PERSON)
    .limit(sa.bindparam("until", type_=sa.Integer()) + COUNTED)
    .subquery("counted")
)
_CONTACTS = _contacts()
_NTH = sa.select(sa.func.count()).where(
    _PERSON,
    inquiry.c.opened_at >= sa.bindparam("since"),
    inquiry.c.opened_at <= sa.bindparam("at"),
    (inquiry.c.opened_at < sa.bindparam("at")) | (inquiry.c.number <= sa.bindparam("number")),
)


class HistoryTable:
    """`bot.ports.Histories` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def contacts(self, person: int, offset: int, limit: int) -> tuple[list[Contact], int]:
        wanted = {"person": person, "offset": offset, "limit": limit, "until": offset + limit}
        rows = (await self._session.run(_CONTACTS, wanted)).all()
        if rows or not offset:
            return [_contact(row) for row in rows], rows[0].total if rows else 0
        total = (await self._session.run(_COUNT, {"person": person, "until": offset + limit})).scalar_one()
        return [], int(total)

    async def nth(self, inquiry: Inquiry, days: int) -> int:
        at = inquiry.opened_at
        values = {
            "person": inquiry.customer.id,
            "since": at - timedelta(days=days),
            "at": at,
            "number": inquiry.number,
        }
        return max(1, int((await self._session.run(_NTH, values)).scalar_one()))


def _contact(row: Any) -> Contact:
    return Contact(inquiry_of(row), shorten(one_line(row.answer or row.note), ANSWER_LENGTH))
