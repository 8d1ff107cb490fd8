"""Add an article: what somebody of the team knows, kept for all as soon as it is approved."""

from bot.call import Call
from bot.cards.article_card import article_card
from bot.cards.article_forms import Typed, add_form
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.domain.article import Article, ArticleKind, Wording
from bot.knowing import kind_of, language_of, must_be_sound


async def article_add(call: Call) -> Answer:
    """Keep a new draft; who writes it owns it, and a supervisor approves it."""
    wording = Wording(call.text("question"), call.text("words"), call.text("situation")).plain()
    if "words" not in call.options:
        return add_form(Typed(wording), call.say)
    must_be_sound(wording)
    draft = Article(
        kind=kind_of(call, ArticleKind.ANSWER), language=language_of(call), latest=wording, owner=call.agent
    )
    made = await call.tx.articles.add(draft, call.agent, call.act.at)
    return article_card(made, call.agent, call.say, call.say("article.kept"))


COMMAND = Command("article_add", article_add, (Option("question", Kind.TEXT),))
