"""Approve an article: what was written last is found and suggested from now on."""

from bot.call import Call
from bot.cards.article_card import article_card
from bot.cards.article_list_card import which_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.agent import Role
from bot.domain.article import Barrier
from bot.knowing import meant, must_be_able, must_be_sound


async def article_approve(call: Call) -> Answer:
    """One press is enough. Who saw another version than there is now looks at that one first."""
    found = await meant(call)
    if len(found) > 1:
        return which_card([one for one in found if one.is_pending] or found, "article_approve", call.say)
    one = found[0]
    barrier = one.barrier_to_approval(call.agent, one.version if call.seen is None else call.seen)
    if barrier is Barrier.NOTHING_NEW:
        return article_card(one, call.agent, call.say, call.say("article.approved_already"))
    must_be_able(barrier, one)
    if barrier is Barrier.CHANGED:
        return article_card(one, call.agent, call.say, call.say("article.look_again"))
    must_be_sound(one.latest)
    after = one.approve(call.act.at.date())
    await call.tx.articles.save(one, after, call.agent, call.act.at)
    return article_card(after, call.agent, call.say, call.say("article.approved_now"))


COMMAND = Command(
    "article_approve", article_approve, (Option("article", Kind.TEXT, required=True),), role=Role.SUPERVISOR
)
