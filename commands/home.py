"""Home: what concerns the asker now: their own inquiries, those that nobody has, those that are overdue."""

from datetime import timedelta

from bot.call import Call
from bot.callers import caller_of
from bot.cards.article_list_card import MOST_WAITING, with_waiting
from bot.cards.home_card import COUNTED, home_card
from bot.chat.command import Command
from bot.chat.invocation import Answer
from bot.domain.agent import Role
from bot.service_levels import levels_of

LONG = timedelta(days=1)
"""Where nothing is promised, an inquiry that waits longer than this is shown to everybody."""


async def home(call: Call) -> Answer:
    """One card, the newest state of each."""
    inquiries = call.tx.inquiries
    mine = await inquiries.held_by(call.agent.id)
    waiting, _ = await inquiries.waiting(None, 0, COUNTED)
    unclaimed = [one for one in waiting if one.holder is None]
    now, is_promised = call.act.at, bool((await levels_of(call.tx)).levels)
    late = await (inquiries.overdue(now, COUNTED) if is_promised else inquiries.waiting_since(now - LONG, COUNTED))
    on = (await call.tx.phone.live_of([call.agent.id])).get(call.agent.id)
    caller = await caller_of(call.tx, on, call.region, fitting=False) if on else None
    card = home_card(mine, unclaimed, late, is_promised, call.say, caller)
    if not call.agent.may(Role.SUPERVISOR):
        return card
    articles, _ = await call.tx.articles.listed(None, 0, MOST_WAITING)
    return with_waiting(card, sum(one.is_pending for one in articles), call.say)


COMMAND = Command("home", home, changes=False)
