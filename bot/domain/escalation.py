"""Escalations: help that somebody asked for with an inquiry, from the question to what the answer was worth."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.agent import Agent, Role
from bot.domain.errors import Refusal


class Help(StrEnum):
    """What is wanted. JOIN: that somebody takes part in it."""

    ANSWER = "answer"
    APPROVAL = "approval"
    JOIN = "join"


class Urgency(StrEnum):
    """How soon. SOON: the supervisors hear of it too. NOW: somebody is to be called."""

    NORMAL = "normal"
    SOON = "soon"
    NOW = "now"


class EscalationState(StrEnum):
    """How far it is. WITHDRAWN: the inquiry was resolved before there was an answer."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    FED_BACK = "fed_back"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """The answer to whoever wanted an approval."""

    APPROVED = "approved"
    REJECTED = "rejected"


class For(StrEnum):
    """Whom a message is for: those who are asked, or the asker, when it was accepted and when it was answered."""

    HELPERS = ""
    ACCEPTED = "accepted"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Post:
    """A message that tells of it. `hop`: how often it had been passed on when that was said."""

    of: For
    platform: str
    channel: str
    hop: int = 0

    def tag(self, escalation: int) -> str:
        """By what the message is known: the same again is drawn anew where it stands, another one is new."""
        return ".".join(filter(None, (f"escalation{escalation}", self.of.value, str(self.hop) if self.hop else "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A question with what became of it, as it stands at `version`.

    `topic` is whose experts were asked, or which person; empty: the supervisors. `platform` and `channel` are where
    the experts are, if they are in one place. `hops` counts how often it was passed on, and `posts` are all messages
    that tell of it. `is_helpful` is what its asker said of the answer, None until they did.
    """

    id: int = 0
    number: int
    at: datetime
    asker: Agent
    help: Help
    urgency: Urgency
    content: str
    tried: str = ""
    criterion: str = ""
    topic: str = ""
    platform: str = ""
    channel: str = ""
    posts: tuple[Post, ...] = ()
    state: EscalationState = EscalationState.ASKED
    version: int = 1
    hops: int = 0
    taken_by: Agent | None = None
    taken_at: datetime | None = None
    verdict: Verdict | None = None
    answer: str = ""
    answered_by: Agent | None = None
    answered_at: datetime | None = None
    is_helpful: bool | None = None
    feedback: str = ""
    fed_back_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """True while an answer is wanted."""
        return self.state in (EscalationState.ASKED, EscalationState.ACCEPTED)

    def accept(self, agent: Agent, at: datetime) -> "Escalation":
        """Somebody will see to it: one person, and nobody for a question of their own."""
        self._must_be_open()
        self._must_be_anothers(agent)
        if self.taken_by and self.taken_by.id == agent.id:
            raise Refusal("escalate.yours", number=self.number, inquiry=self.number)
        if self.taken_by:
            raise self._taken(self.taken_by)
        return self._changed(state=EscalationState.ACCEPTED, taken_by=agent, taken_at=at)

    def must_be_theirs(self, agent: Agent) -> None:
        """Refuse whoever may not answer it: all but the one who accepted it, and supervisors; nobody their own."""
        self._must_be_open()
        self._must_be_anothers(agent)
        self._must_be_free_for(agent)

    def give_answer(self, text: str, verdict: Verdict | None, agent: Agent, at: datetime) -> "Escalation":
        """The answer; who gives it without having accepted it has it from then on."""
        self.must_be_theirs(agent)
        return self._changed(
            state=EscalationState.ANSWERED,
            taken_by=self.taken_by or agent,
            taken_at=self.taken_at or at,
            verdict=verdict,
            answer=text,
            answered_by=agent,
            answered_at=at,
        )

    def must_be_passable(self, agent: Agent) -> None:
        """Refuse whoever may not pass it on: as for an answer, but its asker may, while nobody has it."""
        self._must_be_open()
        self._must_be_free_for(agent)

    def pass_on(self, topic: str, platform: str, channel: str, agent: Agent) -> "Escalation":
        """Ask others instead; nobody has it then."""
        self.must_be_passable(agent)
        return self._changed(
            state=EscalationState.ASKED,
            topic=topic,
            platform=platform,
            channel=channel,
            hops=self.hops + 1,
            taken_by=None,
            taken_at=None,
        )

    def feed_back(self, is_helpful: bool, words: str, agent: Agent, at: datetime) -> "Escalation":
        """What the answer was worth, once, by whoever had asked."""
        if agent.id != self.asker.id:
            raise Refusal("escalate.not_asker", number=self.number, inquiry=self.number, person=self.asker.name)
        if self.state is EscalationState.FED_BACK:
            raise Refusal("escalate.fed_back", number=self.number, inquiry=self.number)
        if self.state is not EscalationState.ANSWERED:
            raise Refusal("escalate.unanswered", number=self.number, inquiry=self.number)
        return self._changed(state=EscalationState.FED_BACK, is_helpful=is_helpful, feedback=words, fed_back_at=at)

    def withdraw(self) -> "Escalation":
        """No answer is wanted any more."""
        return self._changed(state=EscalationState.WITHDRAWN) if self.is_open else self

    def telling(self, posts: Iterable[Post]) -> "Escalation":
        """The same, told of by these messages too; for a change that is being made."""
        return replace(self, posts=tuple(dict.fromkeys((*self.posts, *posts))))

    def _changed(self, **fields: Any) -> "Escalation":
        return replace(self, version=self.version + 1, **fields)

    def _taken(self, by: Agent) -> Refusal:
        return Refusal("escalate.taken", number=self.number, inquiry=self.number, holder=by.name, since=self.taken_at)

    def _must_be_open(self) -> None:
        if self.state is EscalationState.WITHDRAWN:
            raise Refusal("escalate.withdrawn", number=self.number, inquiry=self.number)
        if not self.is_open:
            person = self.answered_by.name if self.answered_by else ""
            raise Refusal(
                "escalate.answered", number=self.number, inquiry=self.number, person=person, since=self.answered_at
            )

    def _must_be_anothers(self, agent: Agent) -> None:
        if agent.id == self.asker.id:
            raise Refusal("escalate.own", number=self.number, inquiry=self.number)

    def _must_be_free_for(self, agent: Agent) -> None:
        if self.taken_by and self.taken_by.id != agent.id and not agent.may(Role.SUPERVISOR):
            raise self._taken(self.taken_by)
