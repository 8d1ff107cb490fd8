"""The service levels in force, and what they promise of an inquiry."""

from dataclasses import replace

from bot.domain.hours import BusinessHours, NeverOpen
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Facts, Level, Levels
from bot.domain.nudging import moments
from bot.domain.sla import Clocks, clocks
from bot.level_file import read
from bot.ports import Transaction


async def levels_of(tx: Transaction) -> Levels:
    """What was laid down last; nothing, when nobody has."""
    kept = await tx.levels.current()
    return read(kept.body) if kept else Levels()


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
    """The inquiry with the due time that follows from what happened to it by now."""
    owed = await clocks_of(tx, inquiry)
    due = owed.due_first if owed else None
    return replace(inquiry, due_at=due[0] if due else None, due_target=due[1] if due else "")
