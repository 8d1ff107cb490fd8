"""Advice as it is read from its rows, with the message that brings it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.advice import Advice, Receipt, Token
from storage.agents import agent_of
from storage.session import Session
from storage.tables import advice, agent, receipt


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece of advice, the inquiry that it is about, and the message that brings it."""

    advice: Advice
    number: int | None
    message: int | None


async def kept_where(session: Session, which: sa.ColumnElement[bool]) -> list[Kept]:
    """The pieces that fit, the oldest first."""
    rows = (await session.run(sa.select(advice).where(which).order_by(advice.c.id))).all()
    if not rows:
        return []
    told: dict[int, set[Receipt]] = {}
    for one in await session.run(sa.select(receipt).where(receipt.c.advice_id.in_([row.id for row in rows]))):
        told.setdefault(one.advice_id, set()).add(Receipt(Token(one.token), one.at))
    ids = {each for row in rows for each in (row.to_id, row.sender_id, row.second_id)} - {None}
    team = {row.id: agent_of(row) for row in await session.run(sa.select(agent).where(agent.c.id.in_(ids)))}
    return [Kept(_advice(row, team, told.get(row.id, set())), row.number, row.outbox_id) for row in rows]


async def told_of(session: Session, pieces: Sequence[int], token: Token, at: datetime) -> bool:
    """Note that this happened to them; told twice, it happened at the earlier moment. False: nothing new in that."""
    changed = False
    for one in pieces:
        insert = session.upsert(receipt).values(advice_id=one, token=token.value, at=at)
        earlier = receipt.c.at > insert.excluded.at
        told = insert.on_conflict_do_update(
            index_elements=["advice_id", "token"], set_={"at": insert.excluded.at}, where=earlier
        )
        changed = (await session.run(told.returning(receipt.c.token))).first() is not None or changed
    return changed


def _advice(row: Any, team: dict[int, Any], told: set[Receipt]) -> Advice:
    return Advice(
        id=row.id,
        to=team[row.to_id],
        text=row.text,
        at=row.at,
        sender=team.get(row.sender_id),
        rule=row.rule_id,
        call=row.call_id,
        receipts=frozenset(told),
        second=team.get(row.second_id),
    )
