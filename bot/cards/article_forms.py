"""The forms of articles: to write one, to look over a draft that was made from advice, and to change one."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.article_card import by_id
from bot.chat.card import Choice, Form, Input, InputKind
from bot.chat.invocation import call
from bot.domain.article import Article, ArticleKind, Wording
from bot.translator import LANGUAGES, Speaker


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a form: what an article says, and what it is; `owner` is a name."""

    wording: Wording
    kind: str = ArticleKind.ANSWER
    language: str = ""
    owner: str = ""


def add_form(typed: Typed, say: Speaker) -> Form:
    """Asks for all that a new article needs."""
    inputs = (*_inputs(typed, say), _language(typed.language or say.language, say))
    return Form(say("form.article_add"), call("article_add"), inputs, say("article.keep"), say("form.cancel"))


def draft_form(advice: int, typed: Typed, say: Speaker) -> Form:
    """Shows the draft that a piece of advice may become, to be looked over."""
    return Form(
        title=say("form.article_draft"),
        call=call("article_draft", None, None, advice=str(advice)),
        inputs=(*_inputs(typed, say), _language(typed.language, say)),
        submit=say("article.keep"),
        cancel=say("form.cancel"),
        intro=say("article.draft_intro"),
    )


def edit_form(article: Article, typed: Typed, team: Sequence[str], intro: str, say: Speaker) -> Form:
    """Asks for what an article shall say from now on; what was typed already stands there again."""
    names = dict.fromkeys([*team, *filter(None, [typed.owner])])
    choices = tuple(Choice(one, one) for one in names)
    owner = Input("owner", say("template.owner"), InputKind.CHOICE, value=typed.owner, choices=choices)
    return Form(
        title=say("form.article_edit"),
        call=call("article_edit", None, article.version, article=by_id(article)),
        inputs=(*_inputs(typed, say), owner),
        submit=say("button.template_save"),
        cancel=say("form.cancel"),
        intro=intro,
    )


def _inputs(typed: Typed, say: Speaker) -> tuple[Input, ...]:
    wording = typed.wording
    kinds = tuple(Choice(one.value, say(f"article.kind.{one}")) for one in ArticleKind)
    paragraph = InputKind.PARAGRAPH
    return (
        Input("question", say("article.question"), required=True, value=wording.question, hint=say("article.hint_q")),
        Input("situation", say("article.situation"), paragraph, False, wording.situation, say("article.hint_s")),
        Input("words", say("article.words"), paragraph, True, wording.words, say("article.hint_w")),
        Input("kind", say("article.kind"), InputKind.CHOICE, True, typed.kind, say("article.hint_k"), kinds),
    )


def _language(language: str, say: Speaker) -> Input:
    languages = tuple(Choice(one, say(f"choice.{one}")) for one in LANGUAGES)
    return Input("language", say("option.language"), InputKind.CHOICE, True, language, choices=languages)
