"""What decides what is to be said of inquiries, read for many of them with a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.events import Event
from bot.domain.folding import folded
from bot.domain.levels import Facts
from bot.ports.nudges import Case
from storage.inquiry_rows import EVENTS, INQUIRIES, event_of, inquiry_of
from storage.session import Session
from storage.tables import customer, event, inquiry, nudge, queue

_THOSE: sa.BindParameter[int] = sa.bindparam("those", expanding=True)
_record = customer.alias("record")
_INQUIRIES = INQUIRIES.where(inquiry.c.number.in_(_THOSE)).order_by(inquiry.c.number)
_FACTS = (
    sa.select(
        inquiry.c.number,
        inquiry.c.queue,
        inquiry.c.tags,
        queue.c.language,
        _record.c.id.label("record"),
        _record.c.person_id,
        _record.c.language.label("spoken"),
        _record.c.tags.label("ranks"),
    )
    .join(queue, queue.c.name == inquiry.c.queue)
    .join(_record, sa.or_(_record.c.id == inquiry.c.customer_id, _record.c.person_id == inquiry.c.customer_id))
    .where(inquiry.c.number.in_(_THOSE))
)
_EVENTS = EVENTS.where(event.c.number.in_(_THOSE))
_TOLD = sa.select(nudge.c.number, nudge.c.key, nudge.c.noted_at).where(nudge.c.number.in_(_THOSE))


async def facts_of(session: Session, numbers: Collection[int]) -> dict[int, Facts]:
    """What decides which levels these inquiries get: the tags of all records of a person count, folded."""
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in await session.run(_FACTS, {"those": list(numbers)}):
        rows[row.number].append(row)
    return {number: _facts(found) for number, found in rows.items()}


async def cases_of(session: Session, numbers: Collection[int]) -> list[Case]:
    """These inquiries with all that decides what is to be said of them, in order."""
    those = {"those": list(numbers)}
    events: dict[int, list[Event]] = defaultdict(list)
    told: dict[int, dict[str, datetime]] = defaultdict(dict)
    facts: Mapping[int, Facts] = await facts_of(session, numbers)
    for row in await session.run(_EVENTS, those):
        events[row.number].append(event_of(row))
    for row in await session.run(_TOLD, those):
        told[row.number][row.key] = row.noted_at
    return [
        Case(inquiry_of(row), tuple(events[row.number]), facts[row.number], told[row.number])
        for row in await session.run(_INQUIRIES, those)
    ]


def _facts(rows: list[Any]) -> Facts:
    """Of one inquiry; a row for each record of its customer. The language is the person's own, else of a record."""
    ordered = sorted(rows, key=lambda row: (row.person_id is not None, row.record))
    return Facts(
        queue=ordered[0].queue,
        tags=frozenset(folded(one) for one in ordered[0].tags),
        ranks=frozenset(folded(one) for row in ordered for one in row.ranks),
        language=next((row.spoken for row in ordered if row.spoken), ordered[0].language),
    )
