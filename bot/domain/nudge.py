"""Nudges: what people are reminded of about an inquiry, when, and who."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.policy import Target


class NudgeKind(StrEnum):
    """What somebody is reminded of.

    CLOCK: a step of a clock (its `name` says which). SNOOZED: a snooze is over. UNTOUCHED: the holder has not touched
    it for long; HAND_BACK: nor after they were asked. SILENT: the customer has not answered for long; CLOSING: even
    longer. RESUME: the time of waiting is over, which is no reminder but a change. FOLLOW_UP: somebody wanted to be
    reminded.
    """

    CLOCK = "clock"
    SNOOZED = "snoozed"
    UNTOUCHED = "untouched"
    HAND_BACK = "hand_back"
    SILENT = "silent"
    CLOSING = "closing"
    RESUME = "resume"
    FOLLOW_UP = "follow_up"


class Rung(StrEnum):
    """Who is told. TEAM: the channels of the queue; PERSON: the one whom the level names."""

    HOLDER = "holder"
    TEAM = "team"
    SUPERVISORS = "supervisors"
    PERSON = "person"


class NudgeOutcome(StrEnum):
    """What became of a nudge. OVER: a later one of the same inquiry was due at the same time and said it better.

    DONE: it was a change (RESUME, HAND_BACK), and it was made.
    """

    TOLD = "told"
    OVER = "over"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """One thing to be said of an inquiry, once: `key` is unique within it, and the same whenever it is worked out.

    `at`: when it came up; `ready_at`: when it may be said (business hours, snooze). `due`: when what it speaks of
    is due.
    """

    kind: NudgeKind
    key: str
    at: datetime
    ready_at: datetime
    target: Target | None = None
    name: str = ""
    due: datetime | None = None


Told = Mapping[str, datetime]
"""When each nudge of an inquiry was dealt with, by its key."""
