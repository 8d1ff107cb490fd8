"""The form of prepared advice, and what its inputs say."""

import re
from collections.abc import Mapping
from datetime import timedelta

from bot.chat.card import Choice, Form, Input, InputKind
from bot.chat.invocation import call
from bot.domain.prepared import PreparedAdvice
from bot.translator import Speaker

MINUTES = (3, 5, 10, 15, 20, 30)
"""Lengths of a call that are offered."""
ANY = "any"
"""Platforms take no empty choice."""
CARE = "care"
_WHEN = re.compile(rf"{ANY}|(?P<care>{CARE})?(?P<minutes>[0-9]{{1,3}})?")


def by_id(rule: PreparedAdvice) -> str:
    """How a button names a rule: what nobody types by accident."""
    return f"id:{rule.id}"


def values(rule: PreparedAdvice) -> dict[str, str]:
    """What the form's inputs hold for a rule."""
    return {
        "name": rule.name,
        "text": rule.text,
        "words": ", ".join(rule.words),
        "labels": ", ".join(rule.labels),
        "when": when_value(rule.caution, rule.longer_than),
    }


def prepared_form(
    rule: PreparedAdvice | None, version: int, typed: Mapping[str, str], intro: str, is_again: bool, say: Speaker
) -> Form:
    """Asks for all that a rule is; `typed` stands in its inputs.

    A form that comes again (`is_again`) carries what was typed but the text itself, for platforms on which a form
    cannot answer a form and one presses a button to see it.
    """
    carried = {name: typed[name] for name in ("name", "words", "labels", "when") if is_again and typed[name]}
    inputs = (
        Input("name", say("prepared.name"), required=True, value=typed["name"], hint=say("prepared.hint_name")),
        Input("text", say("prepared.text"), InputKind.PARAGRAPH, True, typed["text"], say("prepared.hint_text")),
        Input("words", say("prepared.words_label"), value=typed["words"], hint=say("prepared.hint_words")),
        Input("labels", say("prepared.labels_label"), value=typed["labels"], hint=say("prepared.hint_labels")),
        Input("when", say("prepared.when"), InputKind.CHOICE, True, typed["when"], choices=_choices(rule, say)),
    )
    title = say("prepared.edit_title", name=rule.name) if rule else say("form.prepared_set")
    of = call("prepared_set", None, version or None, **({"rule": by_id(rule)} if rule else {}), **carried)
    return Form(title, of, inputs, say("button.template_save"), say("form.cancel"), intro)


def when_value(caution: bool, longer_than: timedelta | None) -> str:
    """The choice that says whether the caller needs care, and how long a call lasts."""
    minutes = str(int(longer_than / timedelta(minutes=1))) if longer_than else ""
    return f"{CARE if caution else ''}{minutes}" or ANY


def read_when(value: str) -> tuple[bool, timedelta | None]:
    """What a choice says. Raises ValueError for what is none."""
    found = _WHEN.fullmatch(value)
    if not value or found is None:
        raise ValueError(f"no choice of ours: {value!r}")
    minutes = int(found["minutes"] or 0)
    return bool(found["care"]), timedelta(minutes=minutes) if minutes else None


def _choices(rule: PreparedAdvice | None, say: Speaker) -> tuple[Choice, ...]:
    lengths = [None, *(timedelta(minutes=one) for one in MINUTES)]
    offered = [(care, length) for care in (False, True) for length in lengths]
    own = [(rule.caution, rule.longer_than)] if rule else []
    return tuple(Choice(when_value(*one), _spoken(*one, say)) for one in dict.fromkeys([*offered, *own]))


def _spoken(caution: bool, longer_than: timedelta | None, say: Speaker) -> str:
    if longer_than is None:
        return say("prepared.when_care") if caution else say("prepared.when_any")
    time = say.duration(longer_than)
    return say("prepared.when_care_after", time=time) if caution else say("prepared.when_after", time=time)
