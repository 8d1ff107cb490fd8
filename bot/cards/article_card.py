"""An article on a card: what the team knows, who answers for it, and what its reader may do with it."""

from bot.chat.card import Button, Card, Field, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import Text
from bot.domain.agent import Agent, Role
from bot.domain.article import Article, ArticleState, ArticleVersion, Wording
from bot.domain.template import difference
from bot.translator import LANGUAGES, Speaker

_TONES = {ArticleState.DRAFT: Tone.WAITING, ArticleState.APPROVED: Tone.QUIET, ArticleState.RETIRED: Tone.QUIET}
PIECES = 30
"""Pieces of a difference that are shown."""


def by_id(article: Article | int) -> str:
    """How a button names an article: what `bot.knowing` understands, and nobody types by accident."""
    return f"id:{article if isinstance(article, int) else article.id}"


def article_card(article: Article, reader: Agent, say: Speaker, told: str = "", inquiry: int | None = None) -> Card:
    """An article with all that its reader may do with it; `told` says what has just become of it.

    Whoever may change or approve it sees what was written last, others what was approved.
    """
    concerned = article.barrier_to_change(reader, article.version) is None or reader.may(Role.SUPERVISOR)
    is_pending = article.is_pending and concerned
    wording = article.latest if is_pending or not article.approved else article.approved
    lines: list[Text] = [(told,)] if told else []
    if is_pending:
        key = "article.waits_for_you" if reader.may(Role.SUPERVISOR) else "article.waits"
        lines.append((say("article.edit_waits" if article.approved else key),))
    return Card(
        title=wording.question or say("article.no_question"),
        tone=Tone.WAITING if is_pending else _TONES[article.state],
        badge=_badge(article, is_pending, say),
        lines=tuple(lines),
        fields=_fields(article, wording, say),
        quote=wording.words,
        is_ours=True,
        buttons=_buttons(article, reader, inquiry, say),
        summary=told or wording.question or say("article.no_question"),
    )


def used_card(article: Article, wording: Wording, inquiry: int | None, say: Speaker) -> Card:
    """Its words, ready to copy."""
    back = (Button(say("button.show"), call("show", inquiry)),) if inquiry else ()
    return Card(
        title=wording.question,
        tone=Tone.DONE,
        lines=((say("article.copy"),),),
        fields=(Field(say("article.situation"), (wording.situation,)),) if wording.situation else (),
        copy=wording.words,
        buttons=(Button(say("button.article"), call("article", inquiry, article=by_id(article))), *back),
        footer=(kind_and_language(article, say),),
        summary=wording.question,
    )


def kind_and_language(article: Article, say: Speaker) -> str:
    """What kind of article it is, and in which language."""
    spoken = article.language
    return f"{say(f'article.kind.{article.kind}')} · {say(f'choice.{spoken}') if spoken in LANGUAGES else spoken}"


def changes_in_words(before: ArticleVersion, after: ArticleVersion, say: Speaker) -> str:
    """What changed between two versions, a line for each piece: "- " what is gone, "+ " what is new."""
    old, new = ("\n".join(_whole(one.wording)) for one in (before, after))
    pieces = difference(old, new)
    lines = [mark if mark == "…" else f"{mark} {piece}" for mark, piece in pieces[:PIECES]]
    return "\n".join(lines) or say("template.same")


def _whole(wording: Wording) -> tuple[str, ...]:
    return wording.question, wording.situation, wording.words


def _badge(article: Article, is_pending: bool, say: Speaker) -> str:
    if article.state is ArticleState.APPROVED and is_pending:
        return say("article.pending")
    return say(f"article.state.{article.state}")


def _fields(article: Article, wording: Wording, say: Speaker) -> tuple[Field, ...]:
    owner = article.owner
    review = article.review_on
    fields = [Field(say("article.situation"), (wording.situation,))] if wording.situation else []
    fields += [
        Field(say("article.kind"), (kind_and_language(article, say),)),
        Field(say("template.owner"), (owner.name if owner else say("template.nobody"),)),
    ]
    if article.approved:
        fields += [
            Field(say("template.review_on"), (review.isoformat() if review else "–",)),
            Field(say("template.uses"), (str(article.uses),)),
        ]
    return tuple(fields)


def _buttons(article: Article, reader: Agent, inquiry: int | None, say: Speaker) -> tuple[Button, ...]:
    may_change = article.barrier_to_change(reader, article.version) is None
    if article.retired:
        may_restore = article.restore().barrier_to_change(reader, article.version) is None
        return (button("article_retire", article, say, do="restore"),) if may_restore else ()
    buttons = []
    if article.barrier_to_approval(reader, article.version) is None:
        buttons.append(button("article_approve", article, say, Style.PRIMARY))
    if article.shown:
        style = Style.NORMAL if buttons else Style.PRIMARY
        buttons.append(Button(say("button.article_use"), call("article_use", inquiry, article=by_id(article)), style))
    if may_change:
        buttons.append(button("article_edit", article, say))
        buttons.append(button("article_retire", article, say, Style.DANGER))
    return tuple(buttons)


def button(verb: str, article: Article, say: Speaker, style: Style = Style.NORMAL, do: str = "") -> Button:
    """A button that does something with the article as it was seen."""
    label = say("template.restore") if do else say(f"button.{verb}")
    return Button(label, call(verb, None, article.version, article=by_id(article), do=do), style)
