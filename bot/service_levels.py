"""The service levels in force, and what they promise of an inquiry."""

import logging
from dataclasses import replace
from functools import lru_cache

from bot.domain.hours import BusinessHours, NeverOpen
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Facts, Level, Levels
from bot.domain.nudging import moments
from bot.domain.sla import Clocks, clocks
from bot.level_file import LevelsWrong, read
from bot.ports import Transaction

LOOKED_BACK = 50
"""Versions among which one that can be read is looked for."""

log = logging.getLogger(__name__)


async def levels_of(tx: Transaction) -> Levels:
    """What was laid down last; nothing, when nobody has.

    Where nobody can read that any more (another Madoguchi laid it down, say), what can be read of what was laid down
    before holds: cards and nudges wait for nobody's mending.
    """
    kept = await tx.levels.current()
    if kept is None:
        return Levels()
    levels = readable(kept.body)
    if levels is None:
        earlier = [readable(one.body) for one in await tx.levels.versions(LOOKED_BACK)]
        levels = next((one for one in earlier if one is not None), None)
    return Levels() if levels is None else levels


@lru_cache(maxsize=64)
def readable(body: str) -> Levels | None:
    """The levels of a document; None when nobody can read it, which the log is told once."""
    try:
        return read(body)
    except LevelsWrong as error:
        log.error("service levels cannot be read; those before them hold", extra={"why": str(error)})
        return None


async def facts_of(tx: Transaction, inquiry: Inquiry) -> Facts:
    """What decides which level an inquiry gets."""
    return (await tx.nudges.facts([inquiry.number]))[inquiry.number]


async def level_of(tx: Transaction, inquiry: Inquiry) -> tuple[Level, BusinessHours] | None:
    """The level of an inquiry, and its hours; None: nothing is promised."""
    levels = await levels_of(tx)
    level = levels.of(await facts_of(tx, inquiry)) if levels.levels else None
    return (level, levels.hours(level)) if level else None


async def clocks_of(tx: Transaction, inquiry: Inquiry) -> Clocks | None:
    """What was promised of an inquiry, as it stands; None when nothing is, or its team never is there again."""
    found = None if inquiry.is_resolved else await level_of(tx, inquiry)
    if found is None:
        return None
    level, hours = found
    try:
        return clocks(moments(await tx.inquiries.timeline(inquiry.number)), level.policy, hours)
    except NeverOpen:
        return None


async def as_due(tx: Transaction, inquiry: Inquiry) -> Inquiry:
    """The inquiry with the due time that follows from what happened to it by now; with none when nobody can tell."""
    try:
        owed = await clocks_of(tx, inquiry)
    except (ValueError, LookupError, OverflowError):  # or one inquiry would have no card
        log.exception("nobody can tell when an inquiry is due", extra={"inquiry": inquiry.number})
        owed = None
    due = owed.due_first if owed else None
    return replace(inquiry, due_at=due[0] if due else None, due_target=due[1] if due else "")
