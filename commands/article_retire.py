"""Retire an article: nobody is shown it any more, and it can be brought back with all its versions."""

from bot.call import Call
from bot.cards.article_card import article_card
from bot.cards.article_list_card import which_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.text import shorten
from bot.domain.errors import Refusal
from bot.knowing import meant, must_be_able

RETIRE, RESTORE = "retire", "restore"


async def article_retire(call: Call) -> Answer:
    """Retire an article, or bring it back; its owner and supervisors may."""
    do = call.text("do") or RETIRE
    if do not in (RETIRE, RESTORE):
        raise Refusal("article.what", given=shorten(do, 40))
    found = await meant(call)
    if len(found) > 1:
        return which_card(found, "article_retire", call.say)
    one = found[0]
    must_be_able(one.restore().barrier_to_change(call.agent, one.version), one)
    after = one.retire() if do == RETIRE else one.restore()
    if after != one:
        await call.tx.articles.save(one, after, call.agent, call.act.at)
    return article_card(
        after, call.agent, call.say, call.say("article.retired_now" if do == RETIRE else "article.restored_now")
    )


COMMAND = Command(
    "article_retire",
    article_retire,
    (Option("article", Kind.TEXT, required=True), Option("do", Kind.CHOICE, choices=(RETIRE, RESTORE), named=True)),
)
