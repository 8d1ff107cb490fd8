"""Messages that ask an owner to look at a template or an article again."""

from bot.cards.review_card import article_review_card, review_card
from bot.chat.card import Card
from bot.domain.article import ArticleState
from bot.notices import review_number
from bot.ports import Refused, Sending, Transaction
from bot.translator import Speaker


async def review_message(tx: Transaction, sending: Sending, say: Speaker) -> Card:
    """The card for a REVIEW. Raises Refused when what it is about is gone.

    The notice's version is the day on which a look was due; another day: somebody had one since.
    """
    if sending.number < 0:
        article = await tx.articles.get(review_number(sending.number))
        if article is None:
            raise Refused("the article is gone")
        day = article.review_on.toordinal() if article.review_on else 0
        is_over = article.state is not ArticleState.APPROVED or day != sending.version
        return article_review_card(article, is_over, say)
    template = await tx.templates.get(sending.number)
    if template is None:
        raise Refused("the template is gone")
    day = template.review_on.toordinal() if template.review_on else 0
    return review_card(template, template.retired or day != sending.version, say)
