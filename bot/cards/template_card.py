"""A template on a card: as it is, filled in for a customer, and what became of it."""

from collections.abc import Sequence

from bot.chat.card import Button, Card, Field, Item, Style, Tone
from bot.chat.invocation import call
from bot.domain.agent import Agent
from bot.domain.template import Template, near_variables, own_variables, variables
from bot.translator import LANGUAGES, Speaker

OTHERS = 5
"""Other variants of a name that are offered beside one."""


def by_id(template: Template) -> str:
    """How a button names a template: what `bot.filling` understands, and nobody types by accident."""
    return f"id:{template.id}"


def template_card(template: Template, others: Sequence[Template], reader: Agent, say: Speaker) -> Card:
    """A template as it is, its variables unfilled, with all that its reader may do with it.

    The text stands as a quotation and not ready to copy: it is not to reach a customer like this.
    """
    lines = _variables(template, say)
    if near := near_variables(template.body):
        lines.append(say("template.near", names=", ".join(near)))
    owner = template.owner
    fields = [
        Field(say("template.name"), (template.name,)),
        Field(say("template.for"), (where(template, say),)),
        Field(say("template.owner"), (owner.name if owner else say("template.nobody"),)),
        Field(say("template.review_on"), (template.review_on.isoformat() if template.review_on else "–",)),
        Field(say("template.uses"), (str(template.uses),)),
    ]
    return Card(
        title=template.title,
        tone=Tone.WAITING if template.retired else Tone.QUIET,
        badge=say("template.retired") if template.retired else "",
        lines=tuple((line,) for line in lines),
        fields=tuple(fields),
        quote=template.body,
        is_ours=True,
        items=_others(others, None, say),
        buttons=_buttons(template, reader, say),
        summary=template.title,
    )


def filled_card(
    template: Template,
    text: str,
    inquiry: int | None,
    others: Sequence[Template],
    is_changed: bool,
    reader: Agent,
    say: Speaker,
) -> Card:
    """A template's text, filled in and ready to copy. `is_changed`: it says something else than when it was asked."""
    changed = ((say("template.changed_since"),),) if is_changed else ()
    edit = (_button("template_edit", template, say),) if template.may_be_changed_by(reader) else ()
    return Card(
        title=template.title,
        tone=Tone.DONE,
        lines=(*changed, (say("template.copy"),)),
        copy=text,
        items=_others(others, inquiry, say),
        buttons=(*edit, _button("template_versions", template, say)),
        footer=(f"{template.name} · {where(template, say)}",),
        summary=template.title,
    )


def changed_card(text: str, template: Template, reader: Agent, say: Speaker) -> Card:
    """What became of a template, in one sentence; what looks like a variable in it and is none is named."""
    near = near_variables(template.body)
    lines = ((say("template.near", names=", ".join(near)),),) if near else ()
    return Card(
        title=text,
        tone=Tone.DONE,
        lines=((f"{template.title} · {template.name} · {where(template, say)}",), *lines),
        buttons=_buttons(template, reader, say),
        summary=text,
    )


def where(template: Template, say: Speaker) -> str:
    """For which queue and language a template is."""
    spoken = template.language
    language = say(f"choice.{spoken}") if spoken in LANGUAGES else spoken
    return f"{template.queue or say('template.any_queue')} · {language}"


def _variables(template: Template, say: Speaker) -> list[str]:
    own = own_variables(template.body)
    known = [one for one in variables(template.body) if one not in own]
    if not own and not known:
        return [say("template.no_variables")]
    told = [say("template.from_inquiry", names=", ".join(known))] if known else []
    return told + ([say("template.asked_for", names=", ".join(own))] if own else [])


def _buttons(template: Template, reader: Agent, say: Speaker) -> tuple[Button, ...]:
    fill = Button(
        say("button.template"),
        call("template", None, template.version, template=by_id(template), fill="1"),
        Style.PRIMARY,
    )
    seen = _button("template_versions", template, say)
    may = template.may_be_changed_by(reader)
    if template.retired:
        return (_button("template_retire", template, say, do="restore"), seen) if may else (seen,)
    if not may:
        return fill, seen
    return fill, _button("template_edit", template, say), seen, _button("template_retire", template, say)


def _button(verb: str, template: Template, say: Speaker, do: str = "") -> Button:
    label = say("template.restore") if do else say(f"button.{verb}")
    style = Style.DANGER if verb == "template_retire" and not do else Style.NORMAL
    return Button(label, call(verb, None, template.version, template=by_id(template), do=do), style)


def _others(others: Sequence[Template], inquiry: int | None, say: Speaker) -> tuple[Item, ...]:
    """Other variants of the same name, each with a button that shows it instead."""
    return tuple(
        Item(
            (one.title,),
            (where(one, say),),
            Button(say("template.instead"), call("template", inquiry, template=by_id(one))),
        )
        for one in others[:OTHERS]
    )
