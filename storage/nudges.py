"""Nudges in the store: what is due, what was dealt with, and what was worked out. Each nudge is kept once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.domain.levels import Facts
from bot.ports import Handle, Place
from bot.ports.nudges import Case, Noted, Timing, ToldMessage
from storage.dialects import insertion
from storage.nudge_cases import cases_of, facts_of
from storage.nudge_messages import bound, drawn_anew, lines_of, places
from storage.session import Session
from storage.tables import agent, handle, inquiry, nudge, telling

# As the indexes ix_inquiry_untimed and ix_inquiry_next_at say it. The rows are locked as a change of them locks them:
# whoever only refers to an inquiry does not wait.
UNTIMED = (
    sa.select(inquiry.c.number)
    .where(inquiry.c.timed < inquiry.c.version, inquiry.c.number > sa.bindparam("beyond"))
    .order_by(inquiry.c.number)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)
DUE = (
    sa.select(inquiry.c.number)
    .where(inquiry.c.next_at <= sa.bindparam("now", type_=inquiry.c.next_at.type))
    .where(inquiry.c.number.not_in(sa.bindparam("passed", expanding=True)))
    .order_by(inquiry.c.next_at, inquiry.c.number)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)
_TIMED = (
    sa.update(inquiry)
    .where(inquiry.c.number == sa.bindparam("of"), inquiry.c.version == sa.bindparam("seen"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("policy", "due_at", "due_target", "next_at", "timed")})
)
_HANDLES = (
    sa.select(handle.c.agent_id, handle.c.platform, handle.c.user)
    .join(agent, agent.c.id == handle.c.agent_id)
    .where(agent.c.role.is_not(None))
    .order_by(handle.c.platform, handle.c.user)
)


class NudgeTable:
    """`bot.ports.Nudges` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def now(self) -> datetime:
        return await self._session.read_clock()

    async def facts(self, numbers: Collection[int], /) -> Mapping[int, Facts]:
        return await facts_of(self._session, numbers)

    async def untimed(self, limit: int, after: int = 0, /) -> list[int]:
        return list((await self._session.run(UNTIMED, {"most": limit, "beyond": after})).scalars())

    async def due(self, now: datetime, limit: int, passed: Collection[int] = (), /) -> list[int]:
        wanted = {"now": now, "most": limit, "passed": list(passed)}
        return list((await self._session.run(DUE, wanted)).scalars())

    async def cases(self, numbers: Collection[int], /) -> list[Case]:
        return await cases_of(self._session, numbers) if numbers else []

    async def settle(
        self, noted: Sequence[Noted], timings: Sequence[Timing], now: datetime, redraw: Collection[int] = (), /
    ) -> list[Noted]:
        fresh = await self._noted(noted, now)
        tellings = [
            {
                "number": one.number,
                "key": one.nudge.key,
                "platform": to.place.platform,
                "channel": to.place.channel,
                "agent_id": to.agent,
                "rung": to.rung.value,
                "after": to.after,
            }
            for one in fresh
            for to in one.tellings
        ]
        if tellings:
            await self._session.run_given(_untold(self._session.is_postgresql), tellings)
        if timings:
            await self._session.run(_TIMED, [_columns(one) for one in timings])
        await drawn_anew(self._session, redraw)
        return fresh

    async def handles(self) -> list[tuple[int, Handle]]:
        return [(row.agent_id, Handle(row.platform, row.user)) for row in await self._session.run(_HANDLES)]

    async def unbound(self, now: datetime, /) -> list[Place]:
        return await places(self._session, now)

    async def bind(self, place: Place, now: datetime, pace: timedelta, /) -> int:
        return await bound(self._session, place, now, pace)

    async def told_by(self, message: int, limit: int, /) -> ToldMessage:
        return await lines_of(self._session, message, limit)

    async def _noted(self, noted: Sequence[Noted], now: datetime) -> list[Noted]:
        """Keep those that are not there yet, and say which they are."""
        rows = [
            {
                "number": one.number,
                "key": one.nudge.key,
                "kind": one.nudge.kind.value,
                "name": one.nudge.name,
                "target": one.nudge.target.value if one.nudge.target else "",
                "due_at": one.nudge.due,
                "at": one.nudge.at,
                "noted_at": now,
                "outcome": one.outcome.value,
                "text": one.text,
            }
            for one in noted
        ]
        if not rows:
            return []
        kept = await self._session.run_given(_once(self._session.is_postgresql), rows)
        fresh = {(row.number, row.key) for row in kept}
        return [one for one in noted if (one.number, one.nudge.key) in fresh]


@cache
def _once(is_postgresql: bool) -> sa.Insert:
    names = tuple(nudge.c.keys())
    return insertion(nudge, names, (), is_postgresql).on_conflict_do_nothing().returning(nudge.c.number, nudge.c.key)


@cache
def _untold(is_postgresql: bool) -> sa.Insert:
    names = ("number", "key", "platform", "channel", "agent_id", "rung", "after")
    return insertion(telling, names, (), is_postgresql).on_conflict_do_nothing()


def _columns(one: Timing) -> dict[str, Any]:
    return {
        "of": one.number,
        "seen": one.seen,
        "new_policy": one.policy,
        "new_due_at": one.due_at,
        "new_due_target": one.due_target,
        "new_next_at": one.next_at,
        "new_timed": one.seen,
    }
