"""Home: what concerns the asker now: their own inquiries, those that nobody has, those that wait too long."""

from datetime import timedelta

from bot.call import Call
from bot.cards.home_card import COUNTED, home_card
from bot.chat.command import Command
from bot.chat.invocation import Answer

LONG = timedelta(days=1)
"""An inquiry that waits longer than this is shown to everybody."""


async def home(call: Call) -> Answer:
    """One card, the newest state of each."""
    inquiries = call.tx.inquiries
    mine = await inquiries.held_by(call.agent.id)
    waiting, _ = await inquiries.waiting(None, 0, COUNTED)
    unclaimed = [one for one in waiting if one.holder is None]
    late = await inquiries.waiting_since(call.act.at - LONG, COUNTED)
    return home_card(mine, unclaimed, late, call.say)


COMMAND = Command("home", home, changes=False)
