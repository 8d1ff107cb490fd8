"""Phone calls in the store, whose telephone is whose, and where the boards are shown."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.agent import Agent
from bot.domain.phone import Line, PhoneCall
from bot.notices import Notice, NoticeKind
from bot.ports import Place
from bot.ports.phone import LiveCall
from storage.agents import agent_of, lock
from storage.call_reports import read, written
from storage.doors import door_of
from storage.outbox import OutboxTable
from storage.session import Session
from storage.tables import agent, board, customer, extension, outbox, phone_call

_CALLS = sa.select(
    agent,
    phone_call.c.id.label("call"),
    phone_call.c.provider,
    phone_call.c.line,
    phone_call.c.number,
    phone_call.c.reports,
    phone_call.c.asked_at,
).join(agent, agent.c.id == phone_call.c.agent_id)
_NEWEST = (sa.func.coalesce(phone_call.c.started_at, phone_call.c.ended_at).desc(), phone_call.c.id.desc())
_OLDEST = (phone_call.c.started_at, phone_call.c.id)
_LIVE = sa.text("is_live")
"""As the index ix_phone_call_live says it."""


class PhoneTable:
    """`bot.ports.phone.Phone` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def lock(self, agent_id: int) -> None:
        await lock(self._session, agent_id)

    async def get(self, call: int) -> PhoneCall | None:
        found = await self._found(_CALLS.where(phone_call.c.id == call))
        return found[0] if found else None

    async def of_line(self, line: Line) -> list[PhoneCall]:
        its = (phone_call.c.provider == line.provider) & (phone_call.c.line == line.id)
        return await self._found(_CALLS.where(its).order_by(phone_call.c.id))

    async def recent(self, agent_id: int, since: datetime) -> list[PhoneCall]:
        theirs = _CALLS.where(phone_call.c.agent_id == agent_id)
        return await self._found(theirs.where(sa.or_(_LIVE, phone_call.c.started_at >= since)).order_by(*_OLDEST))

    async def live(self) -> list[LiveCall]:
        rows = await self._session.run(_CALLS.where(_LIVE).order_by(*_OLDEST))
        return [LiveCall(_call(row), row.asked_at) for row in rows]

    async def live_of(self, agents: Collection[int]) -> Mapping[int, PhoneCall]:
        if not agents:
            return {}
        theirs = _CALLS.where(_LIVE, phone_call.c.agent_id.in_(agents)).order_by(*_OLDEST)
        return {one.agent.id: one for one in await self._found(theirs)}  # the last one wins

    async def of_inquiry(self, number: int) -> list[PhoneCall]:
        return await self._found(_CALLS.where(phone_call.c.number == number).order_by(*_NEWEST))

    async def of_person(self, person: int, limit: int) -> list[PhoneCall]:
        records = sa.select(customer.c.id).where((customer.c.id == person) | (customer.c.person_id == person))
        query = _CALLS.where(phone_call.c.customer_id.in_(records)).order_by(*_NEWEST)
        return await self._found(query.limit(limit))

    async def keep(self, call: PhoneCall) -> PhoneCall:
        if call.id:
            await self._session.run(sa.update(phone_call).where(phone_call.c.id == call.id).values(**_columns(call)))
            return call
        [id_] = await self._session.insert_numbered(phone_call, [_columns(call)])
        return replace(call, id=id_)

    async def asked(self, call: int, at: datetime) -> None:
        await self._session.run(sa.update(phone_call).where(phone_call.c.id == call).values(asked_at=at))

    async def asked_at(self, call: int) -> datetime | None:
        asked = sa.select(phone_call.c.asked_at).where(phone_call.c.id == call)
        at: datetime | None = (await self._session.run(asked)).scalar_one_or_none()
        return at

    async def agent_at(self, address: str) -> Agent | None:
        query = (
            sa.select(agent)
            .join(extension, extension.c.agent_id == agent.c.id)
            .where(extension.c.address == _plain(address), agent.c.role.is_not(None))
        )
        row = (await self._session.run(query)).one_or_none()
        return agent_of(row) if row else None

    async def extensions(self, agent_id: int) -> list[str]:
        query = sa.select(extension.c.address).where(extension.c.agent_id == agent_id)
        return list((await self._session.run(query.order_by(extension.c.address))).scalars())

    async def give_extension(self, address: str, agent_id: int) -> None:
        given = self._session.upsert(extension).values(address=_plain(address), agent_id=agent_id)
        await self._session.run(given.on_conflict_do_update(index_elements=["address"], set_={"agent_id": agent_id}))

    async def take_extension(self, address: str) -> bool:
        taken = await self._session.run(sa.delete(extension).where(extension.c.address == _plain(address)))
        return taken.rowcount == 1

    async def boards(self) -> list[Place]:
        query = sa.select(board).where(board.c.is_shown).order_by(board.c.platform, board.c.channel)
        return [Place(row.platform, row.channel) for row in await self._session.run(query)]

    async def show_board(self, place: Place, is_first: bool = False) -> bool:
        shown = self._session.upsert(board).values(platform=place.platform, channel=place.channel, is_shown=True)
        keys = ["platform", "channel"]
        again = shown.on_conflict_do_update(index_elements=keys, set_={"is_shown": True}, where=~board.c.is_shown)
        put = shown.on_conflict_do_nothing() if is_first else again
        is_new = (await self._session.run(put.returning(board.c.channel))).first() is not None
        if is_new:
            await self._leave_behind(place)
            await self._say_board(place)
        return is_new

    async def hide_board(self, place: Place) -> bool:
        here = (board.c.platform == place.platform) & (board.c.channel == place.channel)
        hidden = await self._session.run(sa.update(board).where(here, board.c.is_shown).values(is_shown=False))
        if hidden.rowcount == 1:
            await self._say_board(place)  # once more: what stands there must not look as if it were kept up
            return True
        return False

    async def board_at(self, platform: str, channel: str, message: str) -> bool:
        key = sa.literal(f"{NoticeKind.BOARD}:{platform}:").concat(board.c.channel)  # boards are few, messages many
        boards = sa.select(key).where(board.c.platform == platform)
        here = (outbox.c.posted_in == channel) | (outbox.c.channel == channel)
        query = sa.select(outbox.c.id).where(outbox.c.key.in_(boards), outbox.c.message == message, here).limit(1)
        return (await self._session.run(query)).first() is not None

    async def say(self, call: PhoneCall) -> None:
        await self._tell(call, NoticeKind.CALL, f"call{call.id}")
        if at := await self.asked_at(call.id):
            await self.say_check(call, at)
        await self.say_boards()

    async def say_check(self, call: PhoneCall, at: datetime) -> None:
        await self._tell(call, NoticeKind.CALL_CHECK, f"check{call.id}.{int(at.timestamp())}")

    async def say_boards(self) -> None:
        self._session.boards = True

    async def draw_boards(self) -> None:
        """Say all boards now; to be done at the end of a transaction."""
        for place in await self.boards():
            await self._say_board(place)

    async def _tell(self, call: PhoneCall, kind: NoticeKind, tag: str) -> None:
        if door := await door_of(self._session, call.agent.id, tag):
            notice = Notice(kind, call.inquiry or 0, call.id, call.agent.id)
            await OutboxTable(self._session).say_at(door, notice, tag)

    async def _leave_behind(self, place: Place) -> None:
        """A board that stood there before gets a name of its own, and stays what it is: the new one is posted anew."""
        at = f":{place.platform}:{place.channel}"
        older = sa.literal(NoticeKind.BOARD.value) + sa.cast(outbox.c.id, sa.String) + at
        stands = (outbox.c.key == f"{NoticeKind.BOARD.value}{at}") & outbox.c.message.is_not(None)
        await self._session.run(sa.update(outbox).where(stands).values(key=older))

    async def _say_board(self, place: Place) -> None:
        await OutboxTable(self._session).say_at(place, Notice(NoticeKind.BOARD, 0, 0), "board")

    async def _found(self, query: sa.Select[Any]) -> list[PhoneCall]:
        return [_call(row) for row in await self._session.run(query)]


def _call(row: Any) -> PhoneCall:
    line = Line(row.provider, row.line) if row.provider is not None and row.line is not None else None
    return PhoneCall(id=row.call, agent=agent_of(row), reports=read(row.reports), line=line, inquiry=row.number)


def _columns(call: PhoneCall) -> dict[str, Any]:
    """A call as a row: what was told, and what follows from it, to be found by."""
    return {
        "agent_id": call.agent.id,
        "provider": call.line.provider if call.line else None,
        "line": call.line.id if call.line else None,
        "number": call.inquiry,
        "customer_id": call.caller.customer,
        "caller": call.caller.number,
        "reports": written(call.reports),
        "started_at": _utc(call.started_at),
        "ended_at": _utc(call.ended.at if call.ended else None),
        "is_live": call.is_live,
    }


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at else None


def _plain(address: str) -> str:
    return address.strip().lower()
