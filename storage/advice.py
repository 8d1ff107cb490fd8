"""Advice in the store: the pieces, what was told of them, and who wants none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.domain.advice import Advice, Receipt, Token
from bot.domain.advising import EVERY, withdrawn_by_end
from bot.domain.prepared import Counts, counts
from bot.notices import Notice, NoticeKind
from bot.ports.advice import Way
from storage.advice_messages import bound, drawn_anew, spaced
from storage.advice_rows import Kept, kept_where, told_of
from storage.agents import lock
from storage.doors import door_of
from storage.outbox import OutboxTable
from storage.phone import PhoneTable
from storage.saying import PENDING, REFUSED
from storage.session import Session
from storage.tables import advice, agent, outbox

JUST_AFTER = timedelta(microseconds=1)


class AdviceTable:
    """`bot.ports.AdviceRoom` in SQL. Whatever writes locks the reader's row first, so that there is one order."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def give(self, given: Advice, number: int | None) -> Advice:
        await lock(self._session, given.to.id)
        row = {
            "call_id": given.call,
            "number": number,
            "to_id": given.to.id,
            "sender_id": given.sender.id if given.sender else None,
            "rule_id": given.rule,
            "text": given.text,
            "at": given.at,
        }
        [id_] = await self._session.insert_numbered(advice, [row])
        return replace(given, id=id_)

    async def get(self, advice_id: int) -> Advice | None:
        found = await self._found(advice.c.id == advice_id)
        return found[0] if found else None

    async def number_of(self, advice_id: int) -> int | None:
        number: int | None = (
            await self._session.run(sa.select(advice.c.number).where(advice.c.id == advice_id))
        ).scalar_one_or_none()
        return number

    async def of_call(self, call: int) -> list[Advice]:
        return await self._found(advice.c.call_id == call)

    async def of_calls(self, calls: Collection[int]) -> Mapping[int, list[Advice]]:
        found: dict[int, list[Advice]] = {call: [] for call in calls}
        for one in await self._found(advice.c.call_id.in_(calls)) if calls else ():
            found[one.call or 0].append(one)
        return found

    async def tell(self, advice_id: int, receipt: Receipt) -> None:
        for kept in await self._locked(advice.c.id == advice_id):
            if await told_of(self._session, [advice_id], receipt.token, receipt.at):
                await self._shown([kept])

    async def bind(
        self, agent_id: int, every: timedelta, quiet_until: datetime | None, notes_from: datetime | None = None
    ) -> None:
        await lock(self._session, agent_id)
        for one in await bound(self._session, agent_id, every, quiet_until, notes_from):
            await self.tell(one.id, Receipt(Token.WITHDRAWN, await self._session.read_clock()))

    async def pieces(self, outbox_id: int) -> list[Advice]:
        return sorted(await self._found(advice.c.outbox_id == outbox_id), key=lambda one: one.rule is not None)

    async def ways(self, pieces: Collection[int]) -> Mapping[int, Way]:
        if not pieces:
            return {}
        query = (
            sa.select(advice.c.id, outbox.c.due_at, outbox.c.state)
            .join(outbox, outbox.c.id == advice.c.outbox_id)
            .where(advice.c.id.in_(pieces))
        )
        rows = (await self._session.run(query)).all()
        now = await self._session.read_clock()
        waits = {row.id: max(row.due_at - now, timedelta()) for row in rows if row.state == PENDING}
        return {row.id: Way(waits.get(row.id, timedelta()), row.state == REFUSED) for row in rows}

    async def delivered(self, outbox_id: int, at: datetime) -> None:
        kept = await self._locked(advice.c.outbox_id == outbox_id)
        new = [replace(one, message=None) for one in kept if one.advice.told_at(Token.DELIVERED) is None]
        for one in new:  # what was withdrawn on its way stays so, also by clocks that differ
            withdrawn = one.advice.told_at(Token.WITHDRAWN)
            arrived = max(at, withdrawn + JUST_AFTER) if withdrawn else at
            await told_of(self._session, [one.advice.id], Token.DELIVERED, arrived)
        await self._spaced(new)
        await self._shown(new)

    async def in_doubt(self, outbox_id: int) -> None:
        await self._spaced(await self._locked(advice.c.outbox_id == outbox_id))

    async def undelivered(self, outbox_id: int) -> None:
        await self._shown([replace(kept, message=None) for kept in await self._locked(advice.c.outbox_id == outbox_id)])

    async def end_call(self, call: int, at: datetime) -> list[Advice]:
        kept = await self._locked(advice.c.call_id == call)
        over = {one.id for one in withdrawn_by_end([one.advice for one in kept], call)}
        await told_of(self._session, sorted(over), Token.WITHDRAWN, at)
        await self._shown(kept)  # that the call is over changes what may be done with each of them
        return await self._found(advice.c.id.in_(over)) if over else []

    async def second(self, advice_id: int, agent_id: int, at: datetime) -> None:
        for kept in await self._locked(advice.c.id == advice_id):
            values = {"second_id": agent_id, "second_at": at}
            await self._session.run(sa.update(advice).where(advice.c.id == advice_id).values(values))
            await self._say(NoticeKind.UNREAD, f"{NoticeKind.UNREAD.value}{advice_id}", kept, agent_id)

    async def say_receipts(self, given: Advice) -> None:
        for kept in await kept_where(self._session, advice.c.id == given.id):
            await self._say_receipts(kept)

    async def counts(self, rules: Collection[int]) -> Mapping[int, Counts]:
        found = counts(await self._found(advice.c.rule_id.in_(rules))) if rules else {}
        return {rule: found.get(rule, Counts()) for rule in rules}

    async def said(self, calls: Collection[int]) -> Mapping[int, Mapping[int, datetime]]:
        found: dict[int, dict[int, datetime]] = {call: {} for call in calls}
        query = sa.select(advice.c.call_id, advice.c.rule_id, advice.c.at)
        query = query.where(advice.c.call_id.in_(calls), advice.c.rule_id.is_not(None))
        for row in await self._session.run(query) if calls else ():
            found[row.call_id][row.rule_id] = row.at
        return found

    async def undisturbed_until(self, agent_id: int) -> datetime | None:
        query = sa.select(agent.c.undisturbed_until).where(agent.c.id == agent_id)
        until: datetime | None = (await self._session.run(query)).scalar_one_or_none()
        return until

    async def leave_alone(self, agent_id: int, until: datetime | None) -> None:
        await lock(self._session, agent_id)
        await self._session.run(sa.update(agent).where(agent.c.id == agent_id).values(undisturbed_until=until))

    async def _spaced(self, sent: Sequence[Kept]) -> None:
        """Others that go to their readers keep away from these, which have just gone out."""
        for reader in {one.advice.to.id for one in sent if one.advice.call is not None}:
            await spaced(self._session, reader, EVERY)

    async def _found(self, which: sa.ColumnElement[bool]) -> list[Advice]:
        return [one.advice for one in await kept_where(self._session, which)]

    async def _locked(self, which: sa.ColumnElement[bool]) -> list[Kept]:
        """Pieces as they are once nobody else can work on what their readers get."""
        query = sa.select(advice.c.to_id).where(which).distinct().order_by(advice.c.to_id)
        readers = (await self._session.run(query)).scalars().all()
        for one in readers:
            await lock(self._session, one)
        return await kept_where(self._session, which) if readers else []

    async def _shown(self, changed: Sequence[Kept]) -> None:
        """Draw anew whatever shows these pieces, what many show last."""
        await drawn_anew(self._session, {one.message for one in changed if one.message is not None})
        for call, sender in dict.fromkeys(_receipts_of(one.advice) for one in changed):
            await self._say_receipts(next(one for one in changed if _receipts_of(one.advice) == (call, sender)))
        for one in changed:
            if one.advice.second:
                tag = f"{NoticeKind.UNREAD.value}{one.advice.id}"
                await self._say(NoticeKind.UNREAD, tag, one, one.advice.second.id)
        if any(one.advice.call is not None for one in changed):
            await PhoneTable(self._session).say_boards()

    async def _say_receipts(self, kept: Kept) -> None:
        if sender := kept.advice.sender:
            call, _ = _receipts_of(kept.advice)
            tag = f"{NoticeKind.RECEIPTS.value}{call}"
            await self._say(NoticeKind.RECEIPTS, tag, kept, sender.id)

    async def _say(self, kind: NoticeKind, tag: str, kept: Kept, to: int) -> None:
        """Tell somebody of a piece of advice, if there is a way to them; the notice's version is the piece."""
        if place := await door_of(self._session, to, tag):
            notice = Notice(kind, kept.number or 0, kept.advice.id, to)
            await OutboxTable(self._session).say_at(place, notice, tag)


def _receipts_of(one: Advice) -> tuple[str, int]:
    """What names the message that shows a sender this piece: one for each call and sender, or for a note."""
    sender = one.sender.id if one.sender else 0
    return (f".note{one.id}", sender) if one.call is None else (f"{one.call}.{sender}", sender)
