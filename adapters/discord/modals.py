"""A form's way through Discord: what a modal or a button carries until it is used, and what was typed."""

from collections.abc import Callable
from dataclasses import replace

from adapters.discord.asked import dig, objects, word
from adapters.discord.limits import LIMITS
from bot.chat.card import Card, Form, Input, InputKind, Tone
from bot.chat.invocation import Answer, call, pressed
from bot.chat.text import shorten

CARRIED = LIMITS["call"]
"""Characters of a call that a button or a modal carries."""
TEXT_INPUT = 4
"""Discord's number for a field that one writes into."""


def fitting(form: Form, label: str) -> Form:
    """The same form, its call short enough for a modal: an option too long becomes a filled-in field called `label`."""
    while len(form.call) > CARRIED:
        rest, name, value = _without_longest(form.call)
        if not value:
            return form
        field = Input(name, label, InputKind.PARAGRAPH, value=shorten(value, LIMITS["typed"]))
        form = replace(form, call=rest(""), inputs=(*form.inputs, field))
    return form


def for_button(of: str) -> tuple[str, str]:
    """A call as a button carries it, and the words that had to be left out for that: empty when none had to."""
    cut = []
    while len(of) > CARRIED:
        rest, _, value = _without_longest(of)
        if not value:
            break
        cut.append(value)
        of = rest("")
    return of, "\n\n".join(cut)


def written_again(form: Form) -> str:
    """The longer texts that already stand in a form."""
    return "\n\n".join(one.value for one in form.inputs if one.kind is InputKind.PARAGRAPH and one.value.strip())


def written(submitted: object) -> str:
    """What was written into a modal's fields; Discord does not say which of them had several lines."""
    fields = [one.get("component") or one for one in objects(submitted, "components")]
    texts = [word(one, "value").strip() for one in fields if dig(one, "type") == TEXT_INPUT]
    return "\n\n".join(filter(None, texts))


def with_what_was_typed(answer: Answer | None, typed: str) -> Answer | None:
    """A refusal shows again what was written, so that nobody has to write it twice."""
    if typed and isinstance(answer, Card) and answer.tone is Tone.ALERT:
        return replace(answer, quote=typed)
    return answer


def _without_longest(of: str) -> tuple[Callable[[str], str], str, str]:
    """A call's longest option, by name and value, and what makes the call with another value for it, or none."""
    verb, options, seen = pressed(of)
    inquiry = options.pop("inquiry", "")
    name = max(options, key=lambda one: len(options[one]), default="")
    value = options.pop(name, "")

    def rest(other: str) -> str:
        more = options | ({name: other} if other else {})
        return call(verb, int(inquiry) if inquiry else None, seen, **more)

    return rest, name, value
