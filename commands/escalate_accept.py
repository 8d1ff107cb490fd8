"""Accept an escalation: say that one sees to it. One wins, the others read who."""

from bot.call import Call
from bot.cards.escalation_card import accepted_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.escalation import For
from bot.escalating import asked_for, post_to


async def escalate_accept(call: Call) -> Answer:
    """Take it; its asker hears who has it."""
    before = await asked_for(call)
    after = before.accept(call.agent, call.act.at)
    after = after.telling(await post_to(call.tx, after, For.ACCEPTED))
    await call.tx.escalations.save(before, after)
    return accepted_card(after, call.say)


COMMAND = Command("escalate_accept", escalate_accept, (Option("escalation", Kind.NUMBER, required=True),))
