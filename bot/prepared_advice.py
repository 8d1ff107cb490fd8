"""Prepared advice that is due: what rules say by themselves to those who are on a call, each once a call."""

from collections.abc import Collection
from datetime import datetime

from bot.domain.phone import PhoneCall
from bot.domain.prepared import PreparedAdvice, following
from bot.ports import Transaction
from bot.whispering import whisper

AT_ONCE = 8
"""Calls that are spoken in by one transaction: nobody else whispers to their agents until it ends."""


async def is_due(tx: Transaction, now: datetime) -> bool:
    """Whether some rule has something to say by now. Reads only, and the same few statements however many calls."""
    return bool(await _due(tx, now))


async def due_now(tx: Transaction, now: datetime) -> int:
    """Say what is due, one piece in each call, in AT_ONCE calls at most; answers with how many.

    A rule speaks once a call, also when several processes look at the same moment: who locks a call's agent later sees
    what was said meanwhile.
    """
    if not (calls := (await _due(tx, now))[:AT_ONCE]):
        return 0
    for agent in sorted({one.agent.id for one, _ in calls}):  # all of them before anything is said, in one order
        await tx.phone.lock(agent)
    found = await _due(tx, now, {one.id for one, _ in calls})
    for call, rule in found:
        await whisper(tx, call.agent, rule.text, at=now, call=call, rule=rule.id)
    return len(found)


async def _due(
    tx: Transaction, now: datetime, among: Collection[int] | None = None
) -> list[tuple[PhoneCall, PreparedAdvice]]:
    """In which calls which rule is to speak by now; `among` these calls, or all that go on."""
    if not (rules := await tx.prepared.on()):
        return []
    live = [one.call for one in await tx.phone.live()]
    calls = [one for one in live if among is None or one.id in among]
    if not calls:
        return []
    ids = [one.id for one in calls]
    said, facts = await tx.advice.said(ids), await tx.prepared.facts(ids)
    found = []
    for one in calls:
        due = following(rules, one, facts[one.id], said.get(one.id, {}), now)
        if due and due.at <= now:
            found.append((one, due.rule))
    return found
