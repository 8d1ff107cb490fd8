"""Advice: what a supervisor, or a rule, says to somebody who is on a call, and what becomes of it.

What is known of a piece of advice is the set of its receipts. Chat platforms tell them late, twice and in any order,
and after a restart again; the state follows from the set alone, so that none of this matters.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.agent import Agent, Role


class Token(StrEnum):
    """What can be told of a piece of advice. NOT_NOW: its reader has no time for it."""

    DELIVERED = "delivered"
    SEEN = "seen"
    NOT_NOW = "not_now"
    USED = "used"
    HELPED = "helped"
    WITHDRAWN = "withdrawn"


class AdviceState(StrEnum):
    """What its sender sees. QUEUED: on its way."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"
    SEEN = "seen"
    NOT_NOW = "not_now"
    USED = "used"
    HELPED = "helped"


class Objection(StrEnum):
    """Why somebody may not: it is not for them; it was seen already; it was delivered already; it is their own."""

    NOT_THEIRS = "not_theirs"
    SEEN = "seen"
    DELIVERED = "delivered"
    OWN = "own"


READ = (Token.SEEN, Token.NOT_NOW, Token.USED, Token.HELPED)
"""What its reader tells by a press, each saying more than those before it and all of them that it was seen."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Something that is told of a piece of advice. `at` is when it happened, however late it was noticed."""

    token: Token
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One piece of advice. `call` None: an ordinary note to somebody who is on no call. `rule` made it, or `sender`.

    `second` is the other supervisor who was told, once, that it stays unread.
    """

    id: int = 0
    to: Agent
    text: str
    at: datetime
    sender: Agent | None = None
    rule: int | None = None
    call: int | None = None
    receipts: frozenset[Receipt] = frozenset()
    second: Agent | None = None

    def telling(self, receipt: Receipt) -> "Advice":
        """The same, with one more thing told of it. Facts are never refused; who may press what, `objection` says."""
        return replace(self, receipts=self.receipts | {receipt})

    @property
    def state(self) -> AdviceState:
        """What became of it.

        The strongest thing that its reader pressed, whenever: helped, used, not now, seen. Whoever has pressed Used
        and then Not now has used it; whoever presses Used after Not now too.

        Not seen, it is withdrawn when that was done before it was delivered, or without it being delivered: what
        reached the reader's chat first stays delivered, and what they have seen was never withdrawn.
        """
        told = {one.token for one in self.receipts}
        if read := [one for one in READ if one in told]:
            return AdviceState(read[-1].value)
        withdrawn, delivered = self.told_at(Token.WITHDRAWN), self.told_at(Token.DELIVERED)
        if withdrawn and (delivered is None or withdrawn < delivered):
            return AdviceState.WITHDRAWN
        return AdviceState.DELIVERED if delivered else AdviceState.QUEUED

    @property
    def is_seen(self) -> bool:
        """Whether its reader told anything at all."""
        return any(one.token in READ for one in self.receipts)

    @property
    def seen_at(self) -> datetime | None:
        """When its reader was known to have seen it first: by any press."""
        return min((one.at for one in self.receipts if one.token in READ), default=None)

    @property
    def is_know_how(self) -> bool:
        """Whether its words worked, so that they may become an article: a person's, and used or helpful."""
        return self.rule is None and self.state in (AdviceState.USED, AdviceState.HELPED)

    def told_at(self, token: Token) -> datetime | None:
        """When that happened: what is told twice happened at the earlier moment."""
        return min((one.at for one in self.receipts if one.token is token), default=None)

    def objection(self, token: Token, by: Agent | None) -> Objection | None:
        """Why that person may not tell this now; None: they may. Nobody (`by` None) is time, or a platform.

        What its reader tells, they alone tell, also of what was withdrawn while they read it. Withdrawing: its sender
        and supervisors, and the end of its call, and all of them only before it is delivered.
        """
        if token in READ:
            return None if by and by.id == self.to.id else Objection.NOT_THEIRS
        if token is Token.DELIVERED:
            return Objection.NOT_THEIRS if by else None
        is_senders = by is None or by.may(Role.SUPERVISOR) or (self.sender is not None and by.id == self.sender.id)
        if not is_senders:
            return Objection.NOT_THEIRS
        if self.is_seen:
            return Objection.SEEN
        return Objection.DELIVERED if self.state is AdviceState.DELIVERED else None


def may_advise(sender: Agent, to: Agent, is_asked: bool) -> Objection | None:
    """Why somebody may not give advice to somebody; None: they may. Supervisors may, and whoever was asked for help.

    Nobody advises themselves, and nobody who is not of the team is advised.
    """
    if sender.id == to.id:
        return Objection.OWN
    needed = Role.AGENT if is_asked else Role.SUPERVISOR
    return None if sender.may(needed) and to.may(Role.AGENT) else Objection.NOT_THEIRS
