"""Day: what the asker has to know today, for them alone."""

from datetime import timedelta

from bot.call import Call
from bot.cards.day_card import Day, Reminder, day_card
from bot.chat.command import Command
from bot.chat.invocation import Answer
from bot.domain.digest import end_of_day

AHEAD = timedelta(days=30)
"""How far ahead absences are told."""


async def day(call: Call) -> Answer:
    """One card, the newest state of each; the day ends by the asker's own clocks."""
    tx, agent, now = call.tx, call.agent, call.act.at
    ends = end_of_day(now, call.say.time_zone)
    quiet = await tx.absences.quiet([agent.id])
    absences = [one for one in await tx.absences.listed(agent.id, now) if one.since < now + AHEAD]
    found = Day(
        mine=await tx.inquiries.held_by(agent.id),
        now=now,
        ends=ends,
        reminders=await _reminders(call),
        unclaimed=await tx.digests.unclaimed(),
        absences=absences,
        quiet=quiet.get(agent.id),
    )
    return day_card(found, call.say)


async def _reminders(call: Call) -> list[Reminder]:
    """What they wanted to be reminded of and have not been yet, and is not resolved meanwhile."""
    wanted = await call.tx.follow_ups.of_agent(call.agent.id, call.act.at + AHEAD)
    inquiries = await call.tx.inquiries.all_of({one.number for one in wanted})
    found = [(one, inquiries.get(one.number)) for one in wanted]
    return [Reminder(about, one.at, one.note) for one, about in found if about and not about.is_resolved]


COMMAND = Command("day", day, changes=False)
