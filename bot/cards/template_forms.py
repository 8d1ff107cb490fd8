"""The forms of templates: to add one, to change one, and to ask for what an inquiry does not tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards.template_card import by_id
from bot.chat.card import Choice, Form, Input, InputKind
from bot.chat.invocation import call
from bot.domain.template import Draft, Template, variables
from bot.translator import LANGUAGES, Speaker

ANY = "*"
"""What a form says for any queue: platforms take no empty choice."""
INPUTS = 5
"""Inputs of a form on Discord."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into the form that changes a template."""

    title: str
    body: str
    review: str
    owner: str
    why: str = ""


def add_form(name: str, queues: Sequence[str], say: Speaker) -> Form:
    """Asks for all that a new template needs."""
    languages = tuple(Choice(one, say(f"choice.{one}")) for one in LANGUAGES)
    places = (Choice(ANY, say("template.any_queue")), *(Choice(one, one) for one in queues))
    inputs = (
        Input("name", say("template.name"), required=True, value=name, hint=say("template.hint_name")),
        Input("title", say("template.title"), required=True, hint=say("template.hint_title")),
        Input("language", say("option.language"), InputKind.CHOICE, True, say.language, choices=languages),
        Input("queue", say("option.queue"), InputKind.CHOICE, True, ANY, choices=places),
        Input("body", say("template.body"), InputKind.PARAGRAPH, True, hint=say("template.hint_body")),
    )
    return Form(say("form.template_add"), call("template_add"), inputs, say("button.template_save"), say("form.cancel"))


def edit_form(template: Template, typed: Typed | None, team: Sequence[str], intro: str, say: Speaker) -> Form:
    """Asks for what a template shall be from now on; what was `typed` already stands there again."""
    owner = template.owner.name if template.owner else ""
    shown = typed or Typed(template.title, template.body, _day(template.draft), owner)
    names = dict.fromkeys([*team, *filter(None, [owner])])
    inputs = (
        Input("title", say("template.title"), required=True, value=shown.title),
        Input("body", say("template.body"), InputKind.PARAGRAPH, True, shown.body, say("template.hint_body")),
        Input("why", say("template.why"), value=shown.why, hint=say("template.hint_why")),
        Input("review", say("template.review_on"), value=shown.review, hint=say("template.hint_review")),
        Input(
            "owner",
            say("template.owner"),
            InputKind.CHOICE,
            value=shown.owner,
            choices=tuple(Choice(one, one) for one in names),
        ),
    )
    return Form(
        title=say("template.edit", name=template.name),
        call=call("template_edit", None, template.version, template=by_id(template)),
        inputs=inputs,
        submit=say("button.template_save"),
        cancel=say("form.cancel"),
        intro=intro,
    )


def fill_form(
    template: Template, asked: Sequence[str], typed: Mapping[str, str], inquiry: int | None, intro: str, say: Speaker
) -> Form:
    """Asks for the variables `asked`; what does not fit into a form's inputs is asked for in the last, a line each."""
    places = variables(template.body)
    alone = asked if len(asked) <= INPUTS else asked[: INPUTS - 1]
    inputs = [
        Input(f"v{places.index(one)}", labelled(one, say), required=True, value=typed.get(one, "")) for one in alone
    ]
    if rest := asked[len(alone) :]:
        lines = "\n".join(f"{one}: {typed.get(one, '')}" for one in rest)
        hint = say("template.hint_rest")
        inputs.append(Input("rest", say("template.rest"), InputKind.PARAGRAPH, True, lines, hint))
    return Form(
        title=template.title,
        call=call("template", inquiry, template.version, template=by_id(template), fill="1"),
        inputs=tuple(inputs),
        submit=say("button.template"),
        cancel=say("form.cancel"),
        intro=intro,
    )


def labelled(variable: str, say: Speaker) -> str:
    """A variable as a form asks for it: the known ones by what they are, others as words."""
    key = f"template.variable.{variable}"
    if variable.isascii() and say.knows(key):
        return say(key)
    words = variable.replace("_", " ").strip() or variable
    return words[:1].upper() + words[1:]


def _day(draft: Draft) -> str:
    return draft.review_on.isoformat() if draft.review_on else ""
