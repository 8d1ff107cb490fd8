"""Phoning: which call a report is about, who is on a call, what becomes of forgotten ones, how numbers are shown."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from bot.domain.identity import spoken_phone
from bot.domain.inquiry import Inquiry
from bot.domain.phone import Began, Ended, Line, PhoneCall, Voice

SAME_WITHIN = timedelta(minutes=10)
"""So far apart, a person and telephony still speak of one beginning: people tell it when they have a hand free."""
HIDDEN, SHOWN_LAST, SHOWN_LAST_OF_FEW = 4, 4, 2
"""Digits of a number that a board hides at least, and shows of its end: of ten or more, and of fewer."""
BULLET = "•"

_E164 = re.compile(r"\+[0-9]{7,15}")


class Verdict(StrEnum):
    """What somebody who says that a call began is talking about. ASK: they are on another; end it, or a slip?"""

    NEW = "new"
    SAME = "same"
    ASK = "ask"


class Check(StrEnum):
    """What is to be done with a call of which nothing was heard for long."""

    ASK = "ask"
    END = "end"


@dataclass(frozen=True, slots=True)
class Patience:
    """After how long without a sign an agent is asked whether a call goes on, and how long they have to say so."""

    ask_after: timedelta
    end_after: timedelta

    def __post_init__(self) -> None:
        if min(self.ask_after, self.end_after) <= timedelta():
            raise ValueError("patience needs time")


def current(calls: Iterable[PhoneCall]) -> PhoneCall | None:
    """The call that an agent is on: only the one that began last can be it, also when others were never ended."""
    last = max(calls, key=_order, default=None)
    return last if last and last.is_live else None


def begins(calls: Iterable[PhoneCall], told: Began, line: Line | None = None) -> tuple[Verdict, PhoneCall | None]:
    """Which of an agent's calls a beginning belongs to, or which one is in its way (ASK).

    By telephony, which cannot be asked: the call of that line; else one that was reported by hand, began at about
    that time, was not over by then, and is not known to be with somebody else; else a new one, whatever was there.

    By hand: while they are on a call, it is that call, as long as it is with the same caller or either is unknown (so
    who it is can be said later, and saying it twice does no harm). With anybody else nothing begins or ends: they are
    asked.
    """
    theirs = list(calls)
    if line is None:
        now = current(theirs)
        if now is None:
            return Verdict.NEW, None
        is_same = not (told.caller.is_known and now.caller.is_known) or now.caller.is_same_as(told.caller)
        return (Verdict.SAME if is_same else Verdict.ASK), now
    if found := next((one for one in theirs if one.line == line), None):
        return Verdict.SAME, found
    able = [one for one in theirs if _may_be(one, told)]
    best = max(able, key=lambda one: (one.caller.is_same_as(told.caller) is True, _order(one)), default=None)
    return (Verdict.SAME, best) if best else (Verdict.NEW, None)


def superseded(calls: Iterable[PhoneCall]) -> list[tuple[PhoneCall, Ended]]:
    """The calls of one agent that cannot go on since a later one began, each with its end by rule: when that began.

    Whether the later one has ended by now changes nothing. A report of telephony or by hand corrects the moment.
    """
    ordered = sorted(calls, key=_order)
    found = []
    for one, following in pairwise(ordered):
        if one.is_live and one.alive_at and following.started_at:
            found.append((one, Ended(max(one.alive_at, following.started_at), Voice.RULE)))
    return found


def check(call: PhoneCall, patience: Patience, asked_at: datetime | None) -> tuple[datetime, Check] | None:
    """What is to be done next with a call that goes on, and when, if nothing is heard of it until then.

    `asked_at`: when its agent was asked last. Whoever was asked late has as much time to answer as anybody; a sign
    after the question answers it, and all begins anew. None for what is over.
    """
    if not call.is_live or call.alive_at is None:
        return None
    if asked_at is None or asked_at <= call.alive_at:
        return call.alive_at + patience.ask_after, Check.ASK
    return asked_at + patience.end_after, Check.END


def forgotten(call: PhoneCall) -> Ended:
    """The end by rule of a call that nobody ended: the last moment of which anybody knows. Raises ValueError on one
    that never began."""
    if call.alive_at is None:
        raise ValueError("what never began is not forgotten")
    return Ended(call.alive_at, Voice.RULE)


def joined(inquiries: Iterable[Inquiry], at: datetime, within: timedelta) -> Inquiry | None:
    """Which of the caller's inquiries a call at that moment is about: the newest open one in which something happened
    within that time; None: a new one. Waiting ones are open; resolved and erased ones are not.

    The newest is the one where it was somebody's turn last, not the one that was opened last.
    """
    able = [one for one in inquiries if not one.is_resolved and not one.erased_at and at - _moved_at(one) <= within]
    return max(able, key=lambda one: (_moved_at(one), one.number), default=None)


def masked(number: str, region: str = "") -> str:
    """A number in E.164 for boards, enough to recognise it and never the whole: "090-••••-5678".

    Written as in `region`. Its first group and its last digits show, but the first group only as long as at least
    HIDDEN digits do not. The country's code of a number from elsewhere always shows. Empty for what is no number in
    E.164: an address or a name could be in it.
    """
    if not _E164.fullmatch(number):
        return ""
    spoken = spoken_phone(number, region)
    code, rest = _parted(spoken)
    digits = [at for at, sign in enumerate(rest) if sign.isdecimal()]
    last = SHOWN_LAST if len(digits) >= 10 else SHOWN_LAST_OF_FEW
    last = last if len(digits) - last >= HIDDEN else 0
    first = len(re.split(r"\D+", rest.lstrip("("), maxsplit=1)[0])
    if code or len(digits) - first - last < HIDDEN:
        first = 0
    hidden = set(digits[first : len(digits) - last])
    return code + "".join(BULLET if at in hidden else sign for at, sign in enumerate(rest))


def _parted(spoken: str) -> tuple[str, str]:
    """A written number's code of its country, if it has one, and the rest."""
    code, space, rest = spoken.partition(" ")
    return (code + space, rest) if space and spoken.startswith("+") else ("", spoken)


def _may_be(call: PhoneCall, told: Began) -> bool:
    """Whether a call that was reported by hand may be the one that telephony tells of."""
    if call.line or call.started_at is None or call.caller.is_same_as(told.caller) is False:
        return False
    is_over = call.ended is not None and call.ended.at < told.at
    return abs(call.started_at - told.at) <= SAME_WITHIN and not is_over


def _order(call: PhoneCall) -> tuple[float, int]:
    """Calls in the order in which they began; those that never did come first."""
    return (call.started_at.timestamp() if call.started_at else 0.0), call.id


def _moved_at(inquiry: Inquiry) -> datetime:
    return max(inquiry.opened_at, inquiry.waiting_since, inquiry.answered_at or inquiry.opened_at)
