"""Escalations in the store."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import Conflict
from bot.domain.escalation import Escalation, EscalationState, For, Help, Post, Urgency, Verdict
from bot.notices import Notice, NoticeKind
from bot.ports import Place
from storage.agents import agent_of
from storage.doors import doors
from storage.outbox import OutboxTable
from storage.session import Session
from storage.tables import agent, escalation, handle, route

HELPFUL = {"": None, "yes": True, "no": False}
"""What `helped` says."""
OPEN = (EscalationState.ASKED, EscalationState.ACCEPTED)


class EscalationTable:
    """`bot.ports.Escalations` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def ask(self, asked: Escalation) -> Escalation:
        [id_] = await self._session.insert_numbered(escalation, [_columns(asked) | _fixed(asked)])
        kept = replace(asked, id=id_)
        await self._say(kept)
        return kept

    async def get(self, id_: int) -> Escalation | None:
        found = await self._found(escalation.c.id == id_)
        return found[0] if found else None

    async def of_inquiry(self, number: int) -> list[Escalation]:
        return await self._found(escalation.c.number == number)

    async def save(self, before: Escalation, after: Escalation) -> None:
        update = (
            sa.update(escalation)
            .where(escalation.c.id == before.id, escalation.c.version == before.version)
            .values(**_columns(after))
        )
        if (await self._session.run(update)).rowcount != 1:
            raise Conflict(f"escalation {before.id} is not at version {before.version} any more")
        await self._say(after)

    async def withdraw(self, number: int) -> int:
        waiting = await self._found((escalation.c.number == number) & escalation.c.state.in_(OPEN))
        for one in waiting:
            await self.save(one, one.withdraw())
        return len(waiting)

    async def reaches(self, platform: str) -> bool:
        known = sa.union_all(
            sa.select(handle.c.platform).where(handle.c.platform == platform),
            sa.select(route.c.platform).where(route.c.platform == platform),
        )
        return (await self._session.run(known.limit(1))).first() is not None

    async def directly(self, agents: Collection[int]) -> Mapping[int, Place]:
        return await doors(self._session, agents)

    async def _say(self, one: Escalation) -> None:
        notice = Notice(NoticeKind.ESCALATION, one.number, one.id)
        for post in one.posts:
            await OutboxTable(self._session).say_at(Place(post.platform, post.channel), notice, post.tag(one.id))

    async def _found(self, which: sa.ColumnElement[bool]) -> list[Escalation]:
        rows = (await self._session.run(sa.select(escalation).where(which).order_by(escalation.c.id))).all()
        ids = {each for row in rows for each in (row.agent_id, row.taken_by, row.answered_by)} - {None}
        people = await self._session.run(sa.select(agent).where(agent.c.id.in_(ids))) if ids else ()
        team = {row.id: agent_of(row) for row in people}
        return [
            Escalation(
                id=row.id,
                number=row.number,
                at=row.at,
                asker=team[row.agent_id],
                help=Help(row.help),
                urgency=Urgency(row.urgency),
                content=row.content,
                tried=row.tried,
                criterion=row.criterion,
                topic=row.topic,
                platform=row.platform,
                channel=row.channel,
                posts=tuple(Post(For(of), platform, channel, hop) for of, platform, channel, hop in row.posts),
                state=EscalationState(row.state),
                version=row.version,
                hops=row.hops,
                taken_by=team.get(row.taken_by),
                taken_at=row.taken_at,
                verdict=Verdict(row.verdict) if row.verdict else None,
                answer=row.answer,
                answered_by=team.get(row.answered_by),
                answered_at=row.answered_at,
                is_helpful=HELPFUL[row.helped],
                feedback=row.feedback,
                fed_back_at=row.fed_back_at,
            )
            for row in rows
        ]


def _fixed(one: Escalation) -> dict[str, Any]:
    """The columns that stay as they were when it was asked."""
    return {
        "number": one.number,
        "at": one.at,
        "agent_id": one.asker.id,
        "help": one.help,
        "urgency": one.urgency,
        "criterion": one.criterion,
        "content": one.content,
        "tried": one.tried,
    }


def _columns(one: Escalation) -> dict[str, Any]:
    """The columns that a change can touch."""
    return {
        "topic": one.topic,
        "platform": one.platform,
        "channel": one.channel,
        "posts": [[post.of, post.platform, post.channel, post.hop] for post in one.posts],
        "state": one.state,
        "version": one.version,
        "hops": one.hops,
        "taken_by": one.taken_by.id if one.taken_by else None,
        "taken_at": one.taken_at,
        "verdict": one.verdict or "",
        "answer": one.answer,
        "answered_by": one.answered_by.id if one.answered_by else None,
        "answered_at": one.answered_at,
        "helped": next(word for word, is_helpful in HELPFUL.items() if is_helpful is one.is_helpful),
        "feedback": one.feedback,
        "fed_back_at": one.fed_back_at,
    }
