"""Article: find what the team knows, by words, or look at one article."""

from bot.call import Call
from bot.cards.article_card import article_card
from bot.cards.article_list_card import PAGE, article_list_card
from bot.chat.command import Command, Kind, Option
from bot.chat.invocation import Answer
from bot.chat.text import one_line, shorten
from bot.domain.agent import Role
from bot.domain.article import Article, ArticleState
from bot.domain.errors import Refusal
from bot.knowing import GIVEN_LENGTH, by_button, found_by

OWN_DRAFTS = 50
"""Drafts among which somebody's own are looked for."""


async def article(call: Call) -> Answer:
    """The article that is meant, those that may be meant, or all, a page at a time."""
    number = (await call.inquiry()).number if call.text("inquiry") else None
    if one := await by_button(call):
        return article_card(one, call.agent, call.say, inquiry=number)
    words, page = call.text("article"), max(1, call.number("page", 1))
    if not words:
        return await _listed(call, page, number)
    found = await found_by(call, words)
    if not found:
        raise Refusal("article.nothing_found", given=shorten(one_line(words), GIVEN_LENGTH))
    if len(found) == 1:
        return article_card(found[0], call.agent, call.say, inquiry=number)
    page = min(page, -(-len(found) // PAGE))
    return article_list_card(found[(page - 1) * PAGE : page * PAGE], len(found), words, page, number, call.say)


async def _listed(call: Call, page: int, number: int | None) -> Answer:
    """Everything for supervisors, what waits first; for others what is approved, with their own drafts on top."""
    is_supervisors = call.agent.may(Role.SUPERVISOR)
    state = None if is_supervisors else ArticleState.APPROVED
    found, total = await call.tx.articles.listed(state, (page - 1) * PAGE, PAGE)
    if not found and total:
        page = -(-total // PAGE)
        found, total = await call.tx.articles.listed(state, (page - 1) * PAGE, PAGE)
    own: list[Article] = []
    if page == 1 and not is_supervisors:
        drafts, _ = await call.tx.articles.listed(ArticleState.DRAFT, 0, OWN_DRAFTS)
        own = [one for one in drafts if one.owner and one.owner.id == call.agent.id][:PAGE]
    return article_list_card([*own, *found], total or len(own), "", page, number, call.say)


COMMAND = Command(
    "article",
    article,
    (
        Option("article", Kind.TEXT),
        Option("inquiry", Kind.INQUIRY, named=True),
        Option("page", Kind.NUMBER, named=True),
    ),
    changes=False,
)
