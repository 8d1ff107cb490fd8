"""What the owner of a template, or an article, is told when it is time to look at it again."""

from bot.cards.article_card import button, kind_and_language
from bot.cards.article_card import by_id as by_number
from bot.cards.template_card import by_id, where
from bot.chat.card import Button, Card, Style, Tone
from bot.chat.invocation import call
from bot.domain.article import Article
from bot.domain.template import Template
from bot.translator import Speaker


def review_card(template: Template, is_over: bool, say: Speaker) -> Card:
    """The template, and what its owner may do: leave it as it is for a year, change it, or retire it.

    `is_over`: somebody looked at it since the reminder was written.
    """
    title = say("review.over" if is_over else "review.due", title=template.title)
    of = by_id(template)
    buttons = (
        Button(
            say("review.still_right"),
            call("template_edit", None, template.version, template=of, right="1"),
            Style.PRIMARY,
        ),
        Button(say("button.template_edit"), call("template_edit", None, template.version, template=of)),
        Button(
            say("button.template_retire"), call("template_retire", None, template.version, template=of), Style.DANGER
        ),
    )
    return Card(
        title=title,
        tone=Tone.DONE if is_over else Tone.OPEN,
        lines=((f"{template.name} · {where(template, say)} · {say('template.used', count=template.uses)}",),),
        quote="" if is_over else template.body,
        is_ours=True,
        buttons=() if is_over else buttons,
        summary=title,
    )


def article_review_card(article: Article, is_over: bool, say: Speaker) -> Card:
    """The same for an article, by what everybody is shown of it."""
    shown = article.shown or article.latest
    title = say("article.review_over" if is_over else "article.review_due", title=shown.question)
    right = call("article_edit", None, article.version, article=by_number(article), right="1")
    buttons = (
        Button(say("review.still_right"), right, Style.PRIMARY),
        button("article_edit", article, say),
        button("article_retire", article, say, Style.DANGER),
    )
    return Card(
        title=title,
        tone=Tone.DONE if is_over else Tone.OPEN,
        lines=((f"{kind_and_language(article, say)} · {say('template.used', count=article.uses)}",),),
        quote="" if is_over else shown.words,
        is_ours=True,
        buttons=() if is_over else buttons,
        summary=title,
    )
