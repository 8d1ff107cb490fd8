"""Events: what happened to an inquiry; appended, never changed. Audit, history and reports read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.agent import Agent


class EventKind(StrEnum):
    """What can happen to an inquiry."""

    OPENED = "opened"
    MESSAGE_RECEIVED = "message_received"
    CLAIMED = "claimed"
    RELEASED = "released"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    FOLDED = "folded"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    WAITED = "waited"
    RESUMED = "resumed"
    EXTENDED = "extended"
    SNOOZED = "snoozed"
    KEPT = "kept"
    TAGGED = "tagged"
    ESCALATED = "escalated"
    ADVISED = "advised"
    CALLED = "called"
    HUNG_UP = "hung_up"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, when, and from where ("workspace", "slack", "mail" ...). No agent: a customer or time."""

    at: datetime
    source: str
    agent: Agent | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one inquiry. `version` is the inquiry's version that it led to."""

    number: int
    version: int
    kind: EventKind
    act: Act
    details: Mapping[str, object] = field(default_factory=dict)
