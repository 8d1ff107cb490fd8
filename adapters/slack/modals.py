"""A form's way through Slack: what its modal keeps until it is submitted, and what comes back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from adapters.slack.asked import Garbled, Payload, Way, dig, word
from bot.chat.card import Card, Form, Input, InputKind, Tone
from bot.chat.invocation import Answer, call, pressed
from bot.chat.text import shorten

KEEPS = 3000
"""Characters that a modal keeps (private_metadata)."""
KEEPS_CALL = 2000
"""Characters of a call that a button carries (value)."""
_KEPT = ("channel", "thread", "message", "response_url", "replaces", "home")


def keep(way: Way, of: str = "") -> str:
    """What a modal remembers: where its answer goes, and the call `of` which it is the form."""
    kept: dict[str, Any] = {name: value for name, value in asdict(way).items() if name in _KEPT and value}
    return json.dumps({"call": of, **kept}, ensure_ascii=False, separators=(",", ":"))


def kept(metadata: str) -> tuple[dict[str, Any], str]:
    """What `keep` wrote: parts of a Way by name, and the call. Raises Garbled on anything else."""
    try:
        found = json.loads(metadata or "{}")
    except ValueError:
        raise Garbled("a modal's metadata is no JSON") from None
    if not isinstance(found, Mapping):
        raise Garbled("a modal's metadata is no object")
    flags = ("replaces", "home")
    way = {name: found.get(name) is True if name in flags else word(found, name) for name in _KEPT}
    return way, word(found, "call")


def fitting(form: Form, way: Way, label: str) -> Form:
    """The same form, kept in a modal whole: an option too long for that becomes a field, filled in, called `label`."""
    while len(keep(way, form.call)) > KEEPS:
        rest, name, value = _without_longest(form.call)
        if not value:
            return form
        field = Input(name, label, InputKind.PARAGRAPH, value=value)
        form = replace(form, call=rest(""), inputs=(*form.inputs, field))
    return form


def for_button(of: str) -> tuple[str, str]:
    """A call as a button carries it, and the words that had to be cut for that, whole: empty when none had to."""
    excess = len(of) - KEEPS_CALL
    rest, _, value = _without_longest(of) if excess > 0 else (None, "", "")
    if rest is None or not value:
        return of, ""
    return rest(shorten(value, max(len(value) - excess, 1))), value


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


def paragraphs(view: Payload) -> str:
    """What was written into a modal's fields of several lines."""
    written = []
    blocks = dig(view, "blocks")
    for block in blocks if isinstance(blocks, list) else ():
        if dig(block, "element", "type") == "plain_text_input" and dig(block, "element", "multiline") is True:
            field = (word(block, "block_id"), word(block, "element", "action_id"))
            written.append(word(view, "state", "values", *field, "value").strip())
    return "\n\n".join(filter(None, written))


def chosen_people(view: Payload) -> tuple[str, ...]:
    """The ids of the people who were chosen in a modal."""
    values = dig(view, "state", "values")
    fields = (
        [one for block in values.values() if isinstance(block, Mapping) for one in block.values()]
        if isinstance(values, Mapping)
        else []
    )
    return tuple(filter(None, (word(field, "selected_user") for field in fields)))


def with_what_was_typed(answer: Answer, written: str) -> Answer:
    """A refusal shows again what was written, so that nobody has to write it twice."""
    if written and isinstance(answer, Card) and answer.tone is Tone.ALERT:
        return replace(answer, quote=written)
    return answer
