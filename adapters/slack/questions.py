"""A form's questions as the blocks of a modal, and what was filled in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    InputBlock,
    Option,
    PlainTextInputElement,
    SectionBlock,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.blocks.block_elements import InputInteractiveElement

from adapters.slack.elements import literal
from adapters.slack.limits import CHOICES, LIMITS, VIEW, beginning, cut, more, too_long
from adapters.slack.text import cleaned, one_line
from bot.chat.card import Choice, Form, Input, InputKind

FURTHER = "~"
"""Stands in the name of a field that goes on with the text of another, before its place."""
NEWLINE = "n"
"""Stands behind its place when a new line begins there."""
_FURTHER = re.compile(f"{FURTHER}(\\d+)")
_USER = re.compile("[UW][A-Z0-9]{2,}")


def form_blocks(form: Form) -> list[dict[str, Any]]:
    """What the form says and asks. A title too long for a modal's stands first, whole."""
    blocks: list[Block] = []
    if too_long("view title", one_line(form.title)) or not (form.intro.strip() or form.inputs):
        blocks.append(SectionBlock(text=literal("intro", one_line(form.title))))
    if form.intro.strip():
        blocks.append(SectionBlock(text=literal("intro", form.intro)))
    inputs = [field for each in form.inputs for field in _fields(each)]
    blocks += [_question(each) for each in inputs[: VIEW.blocks - len(blocks)]]
    return [block.to_dict() for block in blocks]


def read_inputs(view_state: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, by the inputs' names, cleaned; "" where nothing was. `view_state` is the view's `state`."""
    given = {
        name: cleaned(_value(given))
        for block in (view_state.get("values") or {}).values()
        for name, given in block.items()
    }
    whole = {name: value for name, value in given.items() if FURTHER not in name}
    for name in sorted(filter(given.get, given.keys() - whole.keys()), key=lambda one: int(_FURTHER.findall(one)[0])):
        first, _, place = name.partition(FURTHER)
        whole[first] = whole.get(first, "") + ("\n" if place.endswith(NEWLINE) else "") + given[name]
    return whole


def _fields(each: Input) -> list[Input]:
    """The question, with its text on as many fields as Slack needs for it: what one edits must not be cut."""
    fields: list[Input] = []
    rest, name = cleaned(each.value), each.name
    if each.kind is not InputKind.PARAGRAPH or not too_long("initial value", rest):
        return [each]
    while rest:
        part = beginning("initial value", rest)
        line = part.rfind("\n") if part != rest else -1
        part = part[:line] if line > 0 else part
        label = f"{each.label} ({len(fields) + 1})"
        fields.append(replace(each, name=name, label=label, value=part, required=each.required and not fields))
        rest = rest[len(part) + (line > 0) :]
        name = f"{each.name}{FURTHER}{len(fields)}{NEWLINE if line > 0 else ''}"
    return fields


def _value(given: Mapping[str, Any]) -> str:
    match given.get("type"):
        case "static_select":
            value = (given.get("selected_option") or {}).get("value")
        case "users_select":
            value = given.get("selected_user")
        case _:
            value = given.get("value")
    return value if isinstance(value, str) else ""


def _question(each: Input) -> InputBlock:
    choices = _choices(each)
    left_out = len({one.value for one in each.choices}) - len(choices)
    hint = "\n".join(filter(None, [each.hint.strip(), more(left_out) if left_out else ""]))
    return InputBlock(
        label=literal("question", each.label),
        element=_element(each, choices),
        block_id=each.name,
        optional=not each.required,
        hint=literal("hint", hint) if hint else None,
    )


def _element(each: Input, choices: Sequence[Choice]) -> InputInteractiveElement:
    if each.kind is InputKind.MEMBER:
        known = each.value if _USER.fullmatch(each.value) else None
        return UserSelectElement(action_id=each.name, initial_user=known)
    if each.kind is InputKind.CHOICE and choices:
        options = [Option(value=one.value, text=literal("choice", one_line(one.label))) for one in choices]
        chosen = next((option for option in options if option.value == each.value), None)
        return StaticSelectElement(action_id=each.name, options=options, initial_option=chosen)
    paragraph = each.kind is InputKind.PARAGRAPH
    value = cleaned(each.value) if paragraph else one_line(each.value)
    return PlainTextInputElement(
        action_id=each.name,
        multiline=paragraph,
        max_length=LIMITS["initial value"],
        initial_value=cut("initial value", value) if value.strip() else None,
    )


def _choices(each: Input) -> list[Choice]:
    """The choices that Slack can carry, each once; the chosen one among them."""
    able = {one.value: one for one in each.choices if one.value and not too_long("choice value", one.value)}
    kept = list(able.values())[:CHOICES]
    chosen = able.get(each.value)
    return [*kept[:-1], chosen] if chosen and chosen not in kept else kept
