"""Reminders: the lines of a message of nudges, by the state of the moment in which it is drawn."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.cards.nudge_card import NudgeLine
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Level, Levels
from bot.domain.nudge import NudgeKind, Rung
from bot.domain.nudging import Plan, plan
from bot.domain.timeline import WAITING
from bot.ports import Sending, Transaction
from bot.ports.nudges import Case, ToldNudge
from bot.service_levels import levels_of

log = logging.getLogger(__name__)

LINES = 50
"""Lines of a message that are looked at when it is drawn; a card shows fewer, and those that are over come last."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a message of nudges says: its first lines of `total`, and as what its readers are told.

    `is_over`: nothing of it is left to be done.
    """

    lines: tuple[NudgeLine, ...]
    total: int
    to: Rung
    now: datetime
    is_over: bool

    @property
    def first(self) -> Inquiry:
        return self.lines[0].inquiry


async def reminder_of(tx: Transaction, sending: Sending) -> Reminder | None:
    """What the message has to say now; None when it tells of nothing any more."""
    told = await tx.nudges.told_by(sending.id, LINES)
    cases = {one.inquiry.number: one for one in await tx.nudges.cases({one.number for one in told.lines})}
    levels, now = await levels_of(tx), await tx.nudges.now()
    lines = [_line(one, cases[one.number], levels, now) for one in told.lines if one.number in cases]
    if not lines:
        return None
    lines.sort(key=lambda line: line.is_over)
    to = _rung([one.rung for one in told.lines])
    is_over = len(lines) == told.total and all(line.is_over for line in lines)
    return Reminder(tuple(lines), told.total, to, now, is_over)


def _rung(rungs: Sequence[Rung]) -> Rung:
    """As what a message is read that tells this and that: as a holder's, if any of it is."""
    return next((one for one in Rung if one in rungs), rungs[0])


def _line(told: ToldNudge, case: Case, levels: Levels, now: datetime) -> NudgeLine:
    inquiry, level = case.inquiry, levels.of(case.facts)
    planned = _planned(told, case, level, levels)
    due = planned.due if planned else None
    return NudgeLine(
        inquiry=replace(inquiry, due_at=due[0] if due else None, due_target=due[1].value if due else ""),
        kind=told.nudge.kind,
        name=told.nudge.name,
        target=told.nudge.target,
        due=told.nudge.due,
        at=told.nudge.at,
        left=_left(told, planned, level, levels, now),
        is_over=_is_over(told, inquiry, planned, now),
        text=told.text,
    )


def _planned(told: ToldNudge, case: Case, level: Level | None, levels: Levels) -> Plan | None:
    """What would be said of it now, had this not been said yet; None when nobody can tell."""
    others = {key: at for key, at in case.told.items() if key != told.nudge.key}
    try:
        return plan(case.inquiry, case.events, level, levels.hours(level) if level else None, others)
    except (ValueError, LookupError, OverflowError):  # or one inquiry would keep the others of its message unsaid
        log.exception("nobody can tell when an inquiry is due", extra={"inquiry": case.inquiry.number})
        return None


def _left(
    told: ToldNudge, planned: Plan | None, level: Level | None, levels: Levels, now: datetime
) -> timedelta | None:
    if told.nudge.kind is not NudgeKind.CLOCK or level is None or planned is None or planned.clocks is None:
        return None
    clock = planned.clocks.of(told.nudge.target) if told.nudge.target else None
    return clock.left(now, level.policy.time(levels.hours(level))) if clock and not clock.ended_at else None


def _is_over(told: ToldNudge, inquiry: Inquiry, planned: Plan | None, now: datetime) -> bool:
    """Whether nothing is left to do about it: it would not be said any more, or not to them."""
    if told.nudge.kind is NudgeKind.FOLLOW_UP:
        return inquiry.erased_at is not None
    is_silence = told.nudge.kind in (NudgeKind.SILENT, NudgeKind.CLOSING)
    sleeps = inquiry.snoozed_until is not None and inquiry.snoozed_until > now
    if inquiry.is_resolved or sleeps or (inquiry.status in WAITING and not is_silence):
        return True
    if told.rung is Rung.TEAM and inquiry.holder and inquiry.held_since and inquiry.held_since >= told.noted_at:
        return True
    if told.rung is Rung.HOLDER and (inquiry.holder is None or inquiry.holder.id != told.agent):
        return True
    if told.nudge.kind in (NudgeKind.HAND_BACK, NudgeKind.RESUME):
        return inquiry.holder is not None
    return planned is not None and told.nudge.key not in {one.key for one in planned.nudges}
