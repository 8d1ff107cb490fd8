"""Inquiries: what a customer asked, who has it, and the rules of claim, release, assign, resolve and reopen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.agent import Agent, Role
from bot.domain.customer import Customer
from bot.domain.errors import Refusal
from bot.domain.events import Act, Event, EventKind
from bot.domain.message import Message

EXCERPT_LENGTH = 400
EXCERPT_LINES = 6
"""How much of the customer's last message a card shows; Details shows all of it."""

AWAKE: dict[str, Any] = {"waiting_until": None, "waiting_for": "", "snoozed_until": None}


class Status(StrEnum):
    """Where an inquiry stands. NEW: nobody has touched it yet."""

    NEW = "new"
    OPEN = "open"
    WAITING_ON_CUSTOMER = "waiting_on_customer"
    WAITING_ON_THIRD_PARTY = "waiting_on_third_party"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One inquiry as it stands at `version`; every change makes a new one with the next version.

    `spoken_version` is the version that the customer's last message led to, `holder_version` the one at which
    the inquiry last changed hands: with them an old button knows what its presser could not see. `answered_at`
    tells when the team last answered. `related` is the inquiry that a stranger's mail claims to answer.
    `erased_at`: its customer asked to be forgotten, and since then it says only that there was one, and when.
    `waiting_for` says for whom or what it waits, `waiting_until` until when at the latest, and `snoozed_until` until
    when nobody is reminded of it. `due_at` and `due_target` tell when the next answer is owed, or the resolution, as it
    was worked out last, by the policy of that name.
    """

    number: int
    queue: str
    subject: str
    customer: Customer
    opened_at: datetime
    waiting_since: datetime
    status: Status = Status.NEW
    holder: Agent | None = None
    held_since: datetime | None = None
    resolved_at: datetime | None = None
    answered_at: datetime | None = None
    related: int | None = None
    note: str = ""
    excerpt: str = ""
    attachments: int = 0
    messages: int = 1
    readable: bool = True
    version: int = 1
    spoken_version: int = 1
    holder_version: int = 1
    erased_at: datetime | None = None
    tags: tuple[str, ...] = ()
    waiting_until: datetime | None = None
    waiting_for: str = ""
    snoozed_until: datetime | None = None
    due_at: datetime | None = None
    due_target: str = ""
    policy: str = ""

    @property
    def is_resolved(self) -> bool:
        return self.status is Status.RESOLVED

    def may_be_handled_by(self, agent: Agent) -> bool:
        """True for its holder and for supervisors, and for everybody while it is free or resolved."""
        is_open_to_all = self.holder is None or self.is_resolved
        return is_open_to_all or self._is_held_by(agent) or agent.may(Role.SUPERVISOR)

    def claim(self, act: Act) -> "Change":
        """Take an unclaimed inquiry. Refused when somebody has it, or it is resolved."""
        agent = _doer(act)
        self.must_not_be_resolved()
        if self._is_held_by(agent):
            raise Refusal("claim.yours", number=self.number, inquiry=self.number)
        self._must_be_free()
        return self._hand_to(agent, act, EventKind.CLAIMED)

    def release(self, act: Act, seen: int | None = None, reason: str = "") -> "Change":
        """Give it back to the team: its holder may, and a supervisor. `seen` guards against a hand-over unseen.

        An act of nobody gives back what somebody held who has left, or is away, or left it untouched (`reason`).
        """
        self.must_not_be_resolved()
        if self.holder is None:
            raise Refusal("release.free", number=self.number, inquiry=self.number)
        self.must_have_seen_holder(seen)
        if act.agent and not self.may_be_handled_by(act.agent):
            raise self.held("release.held")
        return self.changed(
            act,
            EventKind.RELEASED,
            {"from": self.holder.name, **({"reason": reason} if reason else {})},
            holder=None,
            held_since=None,
            holder_version=self.version + 1,
        )

    def assign(self, to: Agent, act: Act, seen: int | None = None) -> "Change":
        """Hand it to `to`. What somebody else holds, only a supervisor may assign."""
        agent = _doer(act)
        self.must_not_be_resolved()
        if not to.may(Role.AGENT):
            raise Refusal("assign.not_agent", number=self.number, person=to.name)
        if self.holder and self.holder.id == to.id:
            raise Refusal("assign.has_it", number=self.number, inquiry=self.number, person=to.name)
        self.must_have_seen_holder(seen)
        if not self.may_be_handled_by(agent):
            raise self.held("assign.held")
        return self._hand_to(to, act, EventKind.ASSIGNED)

    def resolve(self, note: str, act: Act, seen: int | None = None) -> "Change":
        """Close it with a note. Its holder may, anybody of the team when it is unclaimed, and a supervisor."""
        agent = _doer(act)
        self.must_not_be_resolved()
        if not self.may_be_handled_by(agent):
            raise self.held("resolve.held")
        if seen is not None and seen < self.spoken_version:
            raise Refusal(
                "resolve.wrote_again",
                number=self.number,
                inquiry=self.number,
                since=self.waiting_since,
            )
        self.must_have_seen_holder(seen)
        holder = self.holder or agent
        return self.changed(
            act,
            EventKind.RESOLVED,
            {"note": note} if note else {},
            status=Status.RESOLVED,
            resolved_at=act.at,
            note=note,
            holder=holder,
            held_since=self.held_since or act.at,
            holder_version=self.holder_version if self.holder else self.version + 1,
        )

    def reopen(self, act: Act) -> "Change":
        """Open a resolved inquiry again; whoever resolved it has it still. What was erased stays closed."""
        self._must_not_be_erased()
        if not self.is_resolved:
            raise Refusal("reopen.open", number=self.number, inquiry=self.number)
        return self.changed(act, EventKind.REOPENED, status=Status.OPEN, resolved_at=None, waiting_since=act.at)

    def receive(self, message: Message, act: Act) -> "Change":
        """The customer wrote again: the message joins, and a resolved inquiry opens by it."""
        reopened = self.is_resolved
        waiting = reopened or self.status is Status.WAITING_ON_CUSTOMER
        opened: dict[str, Any] = {"status": Status.OPEN, "resolved_at": None} if waiting else {}
        return self.changed(
            act,
            EventKind.REOPENED if reopened else EventKind.MESSAGE_RECEIVED,
            excerpt=excerpt(message),
            attachments=len(message.attachments),
            messages=self.messages + 1,
            waiting_since=act.at if waiting else self.waiting_since,
            spoken_version=self.version + 1,
            snoozed_until=None,
            **opened,
        )

    def answer(self, act: Act, by: str, spoken_at: datetime, by_hand: str | None = None) -> "Change":
        """Somebody of the team wrote to the customer: that is the response, and now it is the customer's turn.

        `by_hand`: nobody saw a message; somebody says that it was done, and how (which may be empty).

        Unless the customer has written since (`spoken_at`, their last message): an answer may be noticed late, and
        then they wait still, from that message on.
        """
        is_late = act.at < spoken_at
        return self.changed(
            act,
            EventKind.ANSWERED,
            {"by": by} if by_hand is None else {"by": by, "by_hand": True, "note": by_hand},
            status=self.status if self.is_resolved or is_late else Status.WAITING_ON_CUSTOMER,
            waiting_since=max(self.waiting_since, spoken_at) if is_late else self.waiting_since,
            answered_at=max(act.at, self.answered_at or act.at),
            messages=self.messages + (1 if by_hand is None else 0),
            **({} if self.is_resolved or is_late else AWAKE),
        )

    def fold(self, count: int, last: Message, act: Act) -> "Change":
        """A flood from one sender: `count` more of their mails are counted here instead of opening inquiries."""
        return self.changed(
            act,
            EventKind.FOLDED,
            {"count": count},
            excerpt=excerpt(last),
            messages=self.messages + count,
            spoken_version=self.version + 1,
        )

    def _hand_to(self, agent: Agent, act: Act, kind: EventKind) -> "Change":
        return self.changed(
            act,
            kind,
            {"to": agent.name, "to_id": agent.id},
            holder=agent,
            held_since=act.at,
            holder_version=self.version + 1,
            **(AWAKE | {"status": Status.OPEN}),
        )

    def changed(
        self, act: Act, kind: EventKind, details: Mapping[str, object] | None = None, **fields: Any
    ) -> "Change":
        """The change to the next version, with these fields and this event; for the rules, here and in `care`.

        With another status, whom it waited for and how long it was snoozed are over.
        """
        is_other = fields.get("status", self.status) is not self.status
        after = replace(self, version=self.version + 1, **({**AWAKE, **fields} if is_other else fields))
        return Change(self, after, Event(self.number, after.version, kind, act, details or {}))

    def _is_held_by(self, agent: Agent) -> bool:
        return self.holder is not None and self.holder.id == agent.id

    def held(self, key: str) -> Refusal:
        assert self.holder is not None
        return Refusal(key, number=self.number, inquiry=self.number, holder=self.holder.name, since=self.held_since)

    def _must_be_free(self) -> None:
        if self.holder:
            raise self.held("claim.held")

    def _must_not_be_erased(self) -> None:
        if self.erased_at:
            raise Refusal("inquiry.erased", number=self.number, inquiry=self.number, at=self.erased_at)

    def must_not_be_resolved(self) -> None:
        self._must_not_be_erased()
        if self.is_resolved:
            raise Refusal(
                "inquiry.resolved",
                number=self.number,
                inquiry=self.number,
                holder=self.holder.name if self.holder else "",
                since=self.resolved_at,
            )

    def must_have_seen_holder(self, seen: int | None) -> None:
        if seen is None or seen >= self.holder_version:
            return
        if self.holder is None:
            raise Refusal("inquiry.released", number=self.number, inquiry=self.number)
        raise self.held("inquiry.changed_hands")


@dataclass(frozen=True, slots=True)
class Change:
    """An inquiry before and after one event: what the store saves in one piece."""

    before: Inquiry
    after: Inquiry
    event: Event


def excerpt(message: Message) -> str:
    """The first lines of a message, for cards; an ellipsis says that there is more."""
    text = (message.reply_text or message.text).strip()
    lines = [line.rstrip() for line in text.splitlines()]
    filled = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    short = "\n".join(filled[:EXCERPT_LINES])[:EXCERPT_LENGTH].rstrip()
    return short if short == "\n".join(filled) else short + "…"


def _doer(act: Act) -> Agent:
    if act.agent is None:
        raise ValueError("only a person of the team can do this")
    return act.agent
