"""Help requests in the store."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import Conflict
from bot.domain.help_request import HelpRequest, HelpState
from bot.notices import Notice, NoticeKind
from bot.ports import Place
from storage.agents import agent_of
from storage.outbox import OutboxTable
from storage.session import Session
from storage.tables import agent, handle, help_request, phone_call

OPEN = (HelpState.ASKED, HelpState.EXPERTS)


class HelpRequestTable:
    """`bot.ports.HelpRequests` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def ask(self, request: HelpRequest, number: int | None, places: Collection[Place]) -> HelpRequest:
        told = list(dict.fromkeys(places))
        fixed = {"call_id": request.call, "agent_id": request.asker.id, "at": request.at, "number": number}
        row = {**fixed, **_columns(request), "posts": _posts(told)}
        [id_] = await self._session.insert_numbered(help_request, [row])
        await self._say(id_, number, told)
        return replace(request, id=id_)

    async def get(self, request: int) -> HelpRequest | None:
        found = await self._found(sa.select(help_request).where(help_request.c.id == request))
        return found[0] if found else None

    async def of_call(self, call: int) -> list[HelpRequest]:
        return await self._found(sa.select(help_request).where(help_request.c.call_id == call))

    async def open(self) -> list[HelpRequest]:
        query = sa.select(help_request).join(phone_call, phone_call.c.id == help_request.c.call_id)
        return await self._found(query.where(help_request.c.state.in_(OPEN), phone_call.c.is_live))

    async def places(self, request: int) -> list[Place]:
        posts = sa.select(help_request.c.posts).where(help_request.c.id == request)
        return [Place(*at) for at in (await self._session.run(posts)).scalar_one_or_none() or ()]

    async def asked(self, call: int, agent: int) -> bool:
        told = sa.select(help_request.c.posts).where(help_request.c.call_id == call)
        places = {(at[0], at[1]) for posts in (await self._session.run(told)).scalars() for at in posts}
        if any(not channel.startswith("@") for _, channel in places):
            return True
        theirs = sa.select(handle.c.platform, handle.c.user).where(handle.c.agent_id == agent)
        return any((row.platform, f"@{row.user}") in places for row in await self._session.run(theirs))

    async def save(self, before: HelpRequest, after: HelpRequest, places: Collection[Place] = ()) -> None:
        known = sa.select(help_request.c.posts, help_request.c.number).where(help_request.c.id == before.id)
        row = (await self._session.run(known)).one_or_none()
        posts = [Place(*at) for at in row.posts] if row else []
        told = list(dict.fromkeys([*posts, *places]))
        update = (
            sa.update(help_request)
            .where(help_request.c.id == before.id, help_request.c.version == before.version)
            .values(**_columns(after), posts=_posts(told))
        )
        if row is None or (await self._session.run(update)).rowcount != 1:
            raise Conflict(f"help request {before.id} is not at version {before.version} any more")
        await self._say(before.id, row.number, told)

    async def _say(self, id_: int, number: int | None, places: Iterable[Place]) -> None:
        notice = Notice(NoticeKind.HELP, number or 0, id_)
        for place in places:
            await OutboxTable(self._session).say_at(place, notice, f"help{id_}")

    async def _found(self, query: sa.Select[Any]) -> list[HelpRequest]:
        rows = (await self._session.run(query.order_by(help_request.c.id))).all()
        ids = {each for row in rows for each in (row.agent_id, row.answered_by)} - {None}
        people = await self._session.run(sa.select(agent).where(agent.c.id.in_(ids))) if ids else ()
        team = {row.id: agent_of(row) for row in people}
        return [
            HelpRequest(
                id=row.id,
                call=row.call_id,
                asker=team[row.agent_id],
                text=row.text,
                at=row.at,
                state=HelpState(row.state),
                experts_at=row.experts_at,
                answered_by=team.get(row.answered_by),
                answered_at=row.answered_at,
                version=row.version,
            )
            for row in rows
        ]


def _columns(one: HelpRequest) -> dict[str, Any]:
    """The columns that a change can touch."""
    return {
        "text": one.text,
        "state": one.state,
        "experts_at": one.experts_at,
        "answered_by": one.answered_by.id if one.answered_by else None,
        "answered_at": one.answered_at,
        "version": one.version,
    }


def _posts(places: Iterable[Place]) -> list[list[str]]:
    return [[place.platform, place.channel] for place in places]
