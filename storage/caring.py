"""What people wrote about an inquiry while they cared for it: reminders of their own, and calls for help."""

from collections.abc import Collection

import sqlalchemy as sa

from bot.domain.escalation import EscalationState
from storage.session import Session
from storage.tables import escalation, follow_up, nudge, telling

_WAITS = escalation.c.state.in_((EscalationState.ASKED, EscalationState.ACCEPTED))
_WORDLESS = {"criterion": "", "content": "", "tried": "", "answer": "", "feedback": ""}


async def forgotten_care(session: Session, numbers: Collection[int]) -> None:
    """The words go, and with them what nobody was told yet; that people were reminded, and helped, stays."""
    await session.run(sa.delete(follow_up).where(follow_up.c.number.in_(numbers)))
    untold = telling.c.number.in_(numbers) & telling.c.outbox_id.is_(None)
    await session.run(sa.delete(telling).where(untold))
    await session.run(sa.update(nudge).where(nudge.c.number.in_(numbers)).values(text=""))
    state = sa.case((_WAITS, EscalationState.WITHDRAWN), else_=escalation.c.state)
    blank = _WORDLESS | {"state": state, "version": escalation.c.version + 1}
    await session.run(sa.update(escalation).where(escalation.c.number.in_(numbers)).values(blank))


async def unquoted(session: Session, numbers: Collection[int]) -> None:
    """Calls for help with these inquiries quote nobody any more: what was written there last may be taken out."""
    blank = {"content": "", "version": escalation.c.version + 1}
    await session.run(sa.update(escalation).where(escalation.c.number.in_(numbers)).values(blank))
