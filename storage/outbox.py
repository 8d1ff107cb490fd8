"""The outbox: notices on their way, taken under leases and settled one by one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.agent import Role
from bot.notices import Notice, NoticeKind
from bot.ports import Backlog, MessageRef, Parked, Place, Sending
from storage.dialects import as_given
from storage.lanes import DUE_STATES, URGENT, WHISPERS_FIRST, first_of_lane
from storage.saying import AMBIGUOUS, DONE, FRESH, PENDING, REFUSED, SENDING, TO_PEOPLE, said_again, saying, tag_of
from storage.session import Session
from storage.tables import agent, handle, outbox, placement

_OF_OTHERS = (NoticeKind.REVIEW, NoticeKind.DIGEST)
"""Whose number is no inquiry's."""


class OutboxTable:
    """`bot.ports.Outbox` in SQL, and `say`, by which the other rooms put notices in.

    pending -> sending -> done | ambiguous | refused; ambiguous -> sending, to look and to send again.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def say(self, notices: Sequence[tuple[str, Notice]]) -> None:
        """Put notices in, one row for each place; a card that waits already is only marked as changed again.

        Each comes with the queue whose channels show it.
        """
        for is_whisper in (False, True):
            said = [
                {
                    "tag": f"{tag_of(notice)}:{notice.number}:",
                    "says": notice.kind.value,
                    "of": notice.number,
                    "to": notice.version,
                    "whom": notice.agent,
                    "shown_in": queue,
                }
                for queue, notice in notices
                if (notice.kind in TO_PEOPLE) is is_whisper
            ]
            if said:
                statement, is_bulk = saying(is_whisper, self._session.is_postgresql)
                await self._session.run(statement, as_given(is_bulk, said, self._session.clock()))
        self._session.said = self._session.said or bool(notices)

    async def say_at(self, place: Place, notice: Notice, tag: str, wait: timedelta = timedelta()) -> int:
        """Put one notice for one place in, to be sent after `wait`; the id of its row.

        A tag that was said there before is due again, and what it says is drawn anew where it stands.
        """
        now = self._session.now(wait)
        values = {
            "key": f"{tag}:{place.platform}:{place.channel}",
            "kind": notice.kind.value,
            "number": notice.number,
            "version": notice.version,
            "agent_id": notice.agent,
            "platform": place.platform,
            "channel": place.channel,
            "created_at": now,
            "due_at": now,
        }
        insert = self._session.upsert(outbox).values(**values, **FRESH)
        again = insert.on_conflict_do_update(index_elements=["key"], set_=said_again(insert, now))
        self._session.said = True
        return int((await self._session.run(again.returning(outbox.c.id))).scalar_one())

    async def due(self) -> list[Place]:
        due = sa.and_(DUE_STATES, self._is_due(), first_of_lane(self._session.now()))
        query = sa.select(outbox.c.platform, outbox.c.channel).where(due).distinct()
        return [Place(row.platform, row.channel) for row in await self._session.run(query)]

    async def urgent(self) -> list[Place]:
        due = sa.and_(URGENT, self._is_due(), first_of_lane(self._session.now()))
        query = sa.select(outbox.c.platform, outbox.c.channel).where(due).distinct()
        return [Place(row.platform, row.channel) for row in await self._session.run(query)]

    async def take(
        self, place: Place, owner: str, lease: timedelta, limit: int, *, urgent: bool = False
    ) -> list[Sending]:
        here = sa.and_(outbox.c.platform == place.platform, outbox.c.channel == place.channel)
        wanted = sa.and_(URGENT if urgent else DUE_STATES, first_of_lane(self._session.now()))
        query = sa.select(outbox.c.id).where(here, wanted, self._is_due()).order_by(*WHISPERS_FIRST).limit(limit)
        ids = (await self._session.run(self._session.skip_locked(query))).scalars().all()
        if not ids:
            return []
        abandoned = outbox.c.state == SENDING
        first_try = sa.func.coalesce(outbox.c.unclear_since, outbox.c.started_at)
        taken = (
            sa.update(outbox)
            .where(outbox.c.id.in_(ids))
            .values(
                state=SENDING,
                owner=owner,
                taken=outbox.c.revision,
                attempts=outbox.c.attempts + 1,
                unclear_since=sa.case((abandoned, first_try), else_=outbox.c.unclear_since),
                looks=sa.case((abandoned, 0), else_=outbox.c.looks),
                started_at=self._session.now(),
                lease_until=self._session.now(lease),
            )
            .returning(outbox)
        )
        rows = (await self._session.run(taken)).all()
        order = {id: place for place, id in enumerate(ids)}
        return [_sending(row) for row in sorted(rows, key=lambda row: order[row.id])]

    async def sent(self, sending: Sending, owner: str, at: MessageRef | None) -> None:
        changed_since = outbox.c.revision != sending.revision
        settled = await self._settle(
            sending,
            owner,
            state=sa.case((changed_since, PENDING), else_=DONE),
            due_at=self._session.now(),
            attempts=0,
            looks=0,
            unclear_since=None,
            reason="",
            **(self._posted(at) if at else {}),
        )
        if settled and at is not None and sending.kind is NoticeKind.CARD:
            values = {
                "number": sending.number,
                "platform": sending.place.platform,
                "channel": sending.place.channel,
            }
            stands = {"posted_in": at.channel, "message": at.message}
            upsert = self._session.upsert(placement).values(**values, **stands, generation=1)
            await self._session.run(upsert.on_conflict_do_update(index_elements=list(values), set_=stands))

    def _posted(self, at: MessageRef) -> dict[str, Any]:
        first = sa.func.coalesce(outbox.c.posted_at, self._session.now())
        return {"posted_in": at.channel, "message": at.message, "posted_at": first}

    async def later(self, sending: Sending, owner: str, wait: timedelta, reason: str) -> None:
        await self._settle(
            sending,
            owner,
            state=PENDING,
            due_at=self._session.now(wait),
            unclear_since=None,
            looks=0,
            reason=reason,
        )

    async def give_back(self, sending: Sending, owner: str) -> None:
        await self._settle(
            sending,
            owner,
            state=AMBIGUOUS if sending.unclear_since else PENDING,
            due_at=self._session.now(),
            attempts=sending.attempts - 1,
        )

    async def redraw(self, number: int, place: Place) -> None:
        await self._session.run(
            sa.update(outbox)
            .where(
                outbox.c.number == number,
                outbox.c.platform == place.platform,
                outbox.c.channel == place.channel,
                outbox.c.kind == NoticeKind.CARD,
                outbox.c.state == DONE,
            )
            .values(state=PENDING, due_at=self._session.now(), revision=outbox.c.revision + 1)
        )

    async def unclear(self, sending: Sending, owner: str, wait: timedelta, since: datetime, looks: int) -> None:
        due = self._session.now(wait)
        await self._settle(sending, owner, state=AMBIGUOUS, due_at=due, unclear_since=since, looks=looks)

    async def orphaned(self) -> int:
        freed = await self._session.run(
            sa.update(outbox).where(outbox.c.state == SENDING).values(lease_until=self._session.now())
        )
        return freed.rowcount

    async def refuse(self, sending: Sending, owner: str, reason: str) -> None:
        await self._settle(sending, owner, state=REFUSED, unclear_since=None, looks=0, reason=reason)

    async def alarm(self, sending: Sending) -> None:
        supervisors = (
            sa.select(handle)
            .join(agent, agent.c.id == handle.c.agent_id)
            .where(agent.c.role == Role.SUPERVISOR)
            .order_by(handle.c.platform == sending.place.platform, handle.c.platform, handle.c.user)
        )
        reached: dict[int, Any] = {}
        for row in await self._session.run(supervisors):
            reached.setdefault(row.agent_id, row)
        day = self._session.clock().date()
        refused = {"number": sending.number, "version": sending.version, "kind": NoticeKind.ALARM}
        now = {"created_at": self._session.now(), "due_at": self._session.now()}
        for agent_id, at in reached.items():
            key = f"{NoticeKind.ALARM}:{day}:{agent_id}:{sending.place.platform}:{sending.place.channel}"
            told = {"key": key, "agent_id": agent_id, "platform": at.platform, "channel": f"@{at.user}"}
            alarm = self._session.upsert(outbox).values(**told, **refused, **now, **FRESH)
            await self._session.run(alarm.on_conflict_do_nothing())
        self._session.said = True

    async def lately(self, platform: str, since: timedelta) -> list[Place]:
        query = (
            sa.select(outbox.c.platform, outbox.c.channel)
            .where(outbox.c.state.in_((DONE, SENDING, AMBIGUOUS)), outbox.c.due_at >= self._session.now(-since))
            .where(outbox.c.platform == platform)
            .distinct()
        )
        return [Place(row.platform, row.channel) for row in await self._session.run(query)]

    async def retry_refused(self, place: Place | None = None) -> int:
        parked = outbox.c.state == REFUSED
        if place:
            parked &= (outbox.c.platform == place.platform) & (outbox.c.channel == place.channel)
        retried = await self._session.run(
            sa.update(outbox).where(parked).values(state=PENDING, due_at=self._session.now(), attempts=0)
        )
        self._session.said = True
        return retried.rowcount

    async def backlog(self) -> Backlog:
        query = (
            sa.select(outbox.c.state, sa.func.count().label("n"), sa.func.min(outbox.c.due_at).label("oldest"))
            .where(outbox.c.state != DONE)
            .group_by(outbox.c.state)
        )
        rows = {row.state: row for row in await self._session.run(query)}
        waiting = [rows[state] for state in (PENDING, SENDING) if state in rows]
        oldest = min((row.oldest for row in rows.values() if row.state != REFUSED), default=None)
        counts = {state: int(rows[state].n) if state in rows else 0 for state in (AMBIGUOUS, REFUSED)}
        return Backlog(sum(int(row.n) for row in waiting), counts[AMBIGUOUS], counts[REFUSED], oldest)

    async def parked(self, limit: int, place: Place | None = None) -> list[Parked]:
        query = sa.select(outbox).where(outbox.c.state == REFUSED).order_by(outbox.c.id.desc()).limit(limit)
        if place:
            query = query.where(outbox.c.platform == place.platform, outbox.c.channel == place.channel)
        return [
            Parked(
                row.number if row.number and row.kind not in _OF_OTHERS else None,
                Place(row.platform, row.channel),
                row.reason,
            )
            for row in await self._session.run(query)
        ]

    def _is_due(self) -> sa.ColumnElement[bool]:
        now = self._session.now()
        return sa.or_(
            sa.and_(outbox.c.state != SENDING, outbox.c.due_at <= now),
            sa.and_(outbox.c.state == SENDING, outbox.c.lease_until <= now),
        )

    async def _settle(self, sending: Sending, owner: str, **values: Any) -> bool:
        """Only the owner of the lease settles; one who lost it meanwhile changes nothing, and gets False."""
        settled = await self._session.run(
            sa.update(outbox)
            .where(
                outbox.c.id == sending.id,
                outbox.c.owner == owner,
                outbox.c.state == SENDING,
                outbox.c.started_at == sending.taken_at,
            )
            .values(**values)
        )
        return settled.rowcount == 1


def _sending(row: Any) -> Sending:
    return Sending(
        id=row.id,
        key=row.key,
        kind=NoticeKind(row.kind),
        number=row.number,
        version=row.version,
        agent=row.agent_id,
        place=Place(row.platform, row.channel),
        attempts=row.attempts,
        looks=row.looks,
        revision=row.taken,
        taken_at=row.started_at,
        created_at=row.created_at,
        unclear_since=row.unclear_since,
        stands=None if row.message is None else MessageRef(row.posted_in, row.message),
    )
