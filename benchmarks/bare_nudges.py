"""The floor under what is due: the rows that a nudge leaves, by SQLAlchemy Core, a hundred inquiries a transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from benchmarks.bare_claims import bare_engine
from storage.tables import inquiry, nudge, outbox, telling

BATCH = 100
TIMED = (
    sa.update(inquiry)
    .where(inquiry.c.number == sa.bindparam("of"))
    .values(next_at=sa.bindparam("then"), due_at=sa.bindparam("then"), policy="standard", timed=inquiry.c.version)
)
NOTED, UNTOLD, SENT = sa.insert(nudge), sa.insert(telling), sa.insert(outbox).returning(outbox.c.id)
BOUND = sa.update(telling).where(telling.c.number == sa.bindparam("of")).values(outbox_id=sa.bindparam("message"))


class BareNudges:
    """Tells nudges on the database at `url`, an asynchronous one, knowing beforehand what is due."""

    def __init__(self, url: str) -> None:
        self._engine = bare_engine(url)

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.dispose()

    async def tell(self, numbers: Sequence[int]) -> None:
        """Note that each was said, with where, and when the next is due; and put all into one message."""
        now = datetime.now(UTC)
        for begin in range(0, len(numbers), BATCH):
            some = numbers[begin : begin + BATCH]
            async with self._engine.begin() as connection:
                await connection.execute(NOTED, [_noted(one, now) for one in some])
                await connection.execute(UNTOLD, [_untold(one, now) for one in some])
                await connection.execute(TIMED, [{"of": one, "then": now + timedelta(hours=400)} for one in some])
        async with self._engine.begin() as connection:
            message = (await connection.execute(SENT, _message(numbers[0], now))).scalar_one()
            await connection.execute(BOUND, [{"of": one, "message": message} for one in numbers])


def _noted(number: int, now: datetime) -> dict[str, Any]:
    return {
        "number": number,
        "key": "first_response:1:0:warn-50",
        "kind": "clock",
        "name": "warn-50",
        "target": "first_response",
        "due_at": now,
        "at": now,
        "noted_at": now,
        "outcome": "told",
        "text": "",
    }


def _untold(number: int, now: datetime) -> dict[str, Any]:
    return {
        "number": number,
        "key": "first_response:1:0:warn-50",
        "platform": "workspace",
        "channel": "@bare",
        "rung": "holder",
        "after": now,
    }


def _message(number: int, now: datetime) -> dict[str, Any]:
    return {
        "key": f"bare{number}",
        "kind": "nudge",
        "number": number,
        "version": 1,
        "platform": "workspace",
        "channel": "@bare",
        "state": "done",
        "created_at": now,
        "due_at": now,
    }
