"""Phone calls: an agent talks with a caller; what is known of it is worked out from what was told, in any order.

Telephony tells late, twice, or not at all, and people forget. So a call keeps everything that was told of it, and
each of its properties follows from that alone: the same reports in another order, or twice, are the same call.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from bot.domain.agent import Agent


class Voice(StrEnum):
    """Who tells something of a call. Each is believed before those after it; RULE is time that passed."""

    TELEPHONY = "telephony"
    HAND = "hand"
    RULE = "rule"


class Outcome(StrEnum):
    """What came of a call. OPEN: it goes on in its inquiry. Telephony knows UNANSWERED only; the rest people say."""

    SETTLED = "settled"
    OPEN = "open"
    CALL_BACK = "call_back"
    WRONG_NUMBER = "wrong_number"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Line:
    """By what a telephony provider knows a call. A call that is passed on is one call for each agent who has it."""

    provider: str
    id: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom an agent talks with: a number in E.164, a customer, both, or nobody we know."""

    number: str = ""
    customer: int | None = None

    @property
    def is_known(self) -> bool:
        """True when anything is known of them."""
        return bool(self.number) or self.customer is not None

    def is_same_as(self, other: "Caller") -> bool | None:
        """Whether both are the same person: by number or by customer, either will do; None when nobody can tell."""
        numbers = self.number, other.number
        customers = self.customer, other.customer
        comparable = [pair for pair in (numbers, customers) if pair[0] and pair[1]]
        return any(one == two for one, two in comparable) if comparable else None


@dataclass(frozen=True, slots=True)
class Began:
    """They talk since then. A phone that only rings has not begun; told again by hand, it says who it is."""

    at: datetime
    by: Voice
    caller: Caller = Caller()


@dataclass(frozen=True, slots=True)
class Continued:
    """They talked still at that moment, as far as this voice knows."""

    at: datetime
    by: Voice


@dataclass(frozen=True, slots=True)
class Ended:
    """It was over at that moment. `lasted`: how long they talked, when that is known better than by both moments."""

    at: datetime
    by: Voice
    lasted: timedelta | None = None
    outcome: Outcome | None = None

    def __post_init__(self) -> None:
        if self.lasted is not None and self.lasted < timedelta():
            raise ValueError("a call lasts no less than no time")


Report = Began | Continued | Ended
R = TypeVar("R", Began, Ended)

_TRUST = {Voice.TELEPHONY: 0, Voice.HAND: 1, Voice.RULE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCall:
    """One call of one agent. `line` is telephony's name for it, if it is known there; `inquiry` what it is about."""

    id: int = 0
    agent: Agent
    reports: frozenset[Report] = frozenset()
    line: Line | None = None
    inquiry: int | None = None

    def hearing(self, report: Report) -> "PhoneCall":
        """The same, with one more thing that was told of it."""
        return replace(self, reports=self.reports | {report})

    @property
    def started_at(self) -> datetime | None:
        """Since when they talk: as the most trusted voice told first.

        When nobody told: reckoned back from how long it lasted, or the first moment of which somebody knows. What only
        rang never began, however long.
        """
        if began := self._first(Began):
            return began.at
        ended = self._first(Ended)
        if ended and ended.lasted and ended.outcome is not Outcome.UNANSWERED:
            return ended.at - ended.lasted
        return min((one.at for one in self.reports if isinstance(one, Continued)), default=None)

    @property
    def alive_at(self) -> datetime | None:
        """The last moment at which somebody knew that they talked. A beginning that is told twice is one moment."""
        signs = [one.at for one in self.reports if isinstance(one, Continued)]
        return max([*signs, *filter(None, [self.started_at])], default=None)

    @property
    def ended(self) -> Ended | None:
        """How it ended, by the most trusted voice, told first; of ends by rule the last.

        Telephony corrects the hand, and both correct the rule, whenever they speak. An end by rule is taken back by
        a later sign that they talk.
        """
        found = self._first(Ended)
        if found and found.by is Voice.RULE:
            found = max((one for one in self.reports if isinstance(one, Ended)), key=lambda one: one.at)
            if self.alive_at and self.alive_at > found.at:
                return None
        return found

    @property
    def is_begun(self) -> bool:
        """Whether anybody told that they talked, at whatever moment."""
        return any(isinstance(one, Began | Continued) for one in self.reports)

    @property
    def is_live(self) -> bool:
        """Whether they talk now, as far as is known. What ended before anybody told that it began, never lived."""
        return self.is_begun and self.ended is None

    @property
    def length(self) -> timedelta | None:
        """How long they talked, never less than nothing; None until it is over, and when nobody knows."""
        ended, started = self.ended, self.started_at
        if ended is None:
            return None
        if ended.lasted is not None:
            return ended.lasted
        return max(ended.at - started, timedelta()) if started else None

    @property
    def is_estimated(self) -> bool:
        """Whether its end is a guess: a rule's moment, and nobody who was there told another."""
        ended = self.ended
        guesses = (one.at for one in self.reports if isinstance(one, Ended) and one.by is Voice.RULE)
        return ended is not None and ended.by is not Voice.TELEPHONY and ended.at in guesses

    @property
    def outcome(self) -> Outcome | None:
        """What came of it: what people said last, else what telephony knows."""
        told = [one for one in self.reports if isinstance(one, Ended) and one.outcome]
        last = max(told, key=lambda one: (one.by is Voice.HAND, one.at, str(one.outcome)), default=None)
        return last.outcome if last else None

    @property
    def caller(self) -> Caller:
        """With whom: the number that telephony saw before one that was typed, the customer whom people named before
        the one whom telephony found by the number. Of what people said, the last counts."""
        began = sorted((one for one in self.reports if isinstance(one, Began)), key=_told_last)
        heard = [one.caller for one in began if one.by is Voice.TELEPHONY]
        said = [one.caller for one in reversed(began) if one.by is not Voice.TELEPHONY]
        numbers = (one.number for one in (*heard, *said) if one.number)
        customers = (one.customer for one in (*said, *heard) if one.customer is not None)
        return Caller(next(numbers, ""), next(customers, None))

    def _first(self, kind: type[R]) -> R | None:
        return _first(one for one in self.reports if isinstance(one, kind))


def _first(reports: Iterable[R]) -> R | None:
    """Of the most trusted voice that speaks, what it told of the earliest moment: what comes again comes later."""
    return min(reports, key=lambda one: (_TRUST[one.by], one.at, repr(one)), default=None)


def _told_last(report: Began) -> tuple[datetime, str]:
    return report.at, repr(report)
