"""A form's questions as the components of a modal, and what was filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from discord import Object, SelectDefaultValue, SelectDefaultValueType, SelectOption, TextStyle
from discord.ui import Item, Label, Select, TextDisplay, TextInput, UserSelect

from adapters.discord.limits import CHOICES, INPUTS, LIMITS, Items, cut, more, too_long
from adapters.discord.text import escaped
from bot.chat.card import Choice, Form, Input, InputKind
from bot.chat.text import cleaned, one_line


def form_items(form: Form) -> Items:
    """What the form says and asks. A title too long for a modal's stands first, whole, where there is room.

    Raises ValueError for a form that asks for more than Discord's modals can.
    """
    if len(form.inputs) > INPUTS:
        raise ValueError(f"{form.call}: a modal on Discord asks for {INPUTS} things at most, not {len(form.inputs)}")
    told = []
    if too_long("modal title", one_line(form.title)) or not (form.intro.strip() or form.inputs):
        told.append(cut("intro", one_line(form.title), escaped))
    if form.intro.strip():
        told.append(cut("intro", form.intro, escaped))
    inputs = list(form.inputs)
    if form.intro.strip() and len(inputs) == INPUTS:  # no room for a text of its own: it stands with the first question
        inputs[0] = replace(inputs[0], hint=f"{form.intro} {inputs[0].hint}")
    asked = [_question(each) for each in inputs]
    return [*[TextDisplay(text) for text in told[: INPUTS - len(asked)]], *asked]


def read_inputs(components: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What was filled in, by the inputs' names, cleaned; "" where nothing was.

    `components` are those in the data of a modal's submit.
    """
    given = [one.get("component") or one for one in components]
    return {str(one["custom_id"]): cleaned(_value(one)) for one in given if "custom_id" in one}


def carried(choices: Sequence[Choice]) -> list[Choice]:
    """The choices that Discord can carry, each once; there may be more than a list shows."""
    able = {one.value: one for one in choices if one.value.strip() and not too_long("choice value", one.value)}
    return [Choice(one.value, cut("choice", one_line(one.label))) for one in able.values()]


def _value(given: Mapping[str, Any]) -> str:
    value = next(iter(given["values"]), "") if given.get("values") else given.get("value")
    return value if isinstance(value, str) else ""


def _question(each: Input) -> Label[Any]:
    left_out = len(each.value) - len(cut("typed", each.value).removesuffix("…")) if too_long("typed", each.value) else 0
    hint = " ".join(filter(None, [one_line(each.hint), more(left_out) if left_out else ""]))
    return Label(
        text=cut("question", one_line(each.label)),
        description=cut("hint", hint) if hint else None,
        component=_component(each),
    )


def _component(each: Input) -> Item[Any]:
    """What asks. A menu that would not hold all choices is none: one writes the value, and reads the first of them."""
    least = int(each.required)
    choices = carried(each.choices)
    if each.kind is InputKind.MEMBER:
        chosen = [_member(each.value)] if each.value.isascii() and each.value.isdigit() else []
        return UserSelect(custom_id=each.name, required=each.required, min_values=least, default_values=chosen)
    if each.kind is InputKind.CHOICE and 0 < len({one.value for one in each.choices}) == len(choices) <= CHOICES:
        options = [SelectOption(label=one.label, value=one.value, default=one.value == each.value) for one in choices]
        return Select(custom_id=each.name, required=each.required, min_values=least, options=options)
    paragraph = each.kind is InputKind.PARAGRAPH
    value = cleaned(each.value) if paragraph else one_line(each.value)
    return TextInput(
        custom_id=each.name,
        style=TextStyle.paragraph if paragraph else TextStyle.short,
        required=each.required,
        max_length=LIMITS["typed"],
        default=cut("typed", value) if value.strip() else None,
        placeholder=cut("hint", ", ".join(one_line(one.value) for one in choices)) if choices else None,
    )


def _member(user: str) -> SelectDefaultValue:
    return SelectDefaultValue(id=Object(int(user)).id, type=SelectDefaultValueType.user)
