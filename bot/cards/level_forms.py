"""The forms by which service levels are set: how soon, for whom, who is told, and in which hours."""

from collections.abc import Mapping

from bot.chat.card import Choice, Form, Input, InputKind
from bot.chat.invocation import call
from bot.chat.text import one_line, shorten
from bot.translator import Speaker

YES, NO = "yes", "no"
INPUTS = {
    "sla_set": {
        "first_response": "levels.first_response",
        "next_response": "levels.next_response",
        "resolution": "levels.resolution",
        "warn": "levels.warn",
        "overdue": "levels.overdue",
    },
    "sla_who": {
        "queues": "levels.queues",
        "tags": "levels.tags",
        "ranks": "levels.ranks",
        "languages": "levels.languages",
        "urgent": "levels.urgent",
    },
    "sla_ladder": {
        "tell": "levels.tell",
        "untouched": "levels.untouched",
        "hand_back": "levels.hand_back",
        "remind_after": "levels.remind_after",
        "offer_closing": "levels.offer_closing",
    },
    "sla_hours": {
        "time_zone": "levels.time_zone",
        "week": "levels.week",
        "holidays": "levels.holidays",
        "closed": "levels.closed",
        "open": "levels.open",
    },
}
"""What each form asks for, in order, and what that is called."""
HINTS = {
    "first_response": "levels.hint_target",
    "next_response": "levels.hint_target",
    "resolution": "levels.hint_target",
    "warn": "levels.hint_warn",
    "overdue": "levels.hint_overdue",
    "queues": "levels.hint_queues",
    "tags": "levels.hint_tags",
    "ranks": "levels.hint_ranks",
    "languages": "levels.hint_languages",
    "tell": "levels.hint_tell",
    "untouched": "levels.hint_untouched",
    "hand_back": "levels.hint_hand_back",
    "remind_after": "levels.hint_days",
    "offer_closing": "levels.hint_days",
    "time_zone": "levels.hint_zone",
    "week": "levels.hint_week",
    "holidays": "levels.hint_holidays",
    "closed": "levels.hint_closed",
    "open": "levels.hint_open",
}
LONG = ("week", "closed", "open")
"""Inputs of several lines."""
NEEDED = ("time_zone", "week")
TITLE_LENGTH = 24
"""Characters of a form's title on Slack."""


def labels(verb: str, say: Speaker) -> dict[str, str]:
    """What each input of a command's form is called."""
    return {name: say(key) for name, key in INPUTS[verb].items()}


def level_form(verb: str, name: str, of: str, values: Mapping[str, str], intro: str, say: Speaker) -> Form:
    """The form of a command about the policy or calendar of that name; `values` already stand in it."""
    titles = {
        "sla_set": "levels.form_set",
        "sla_who": "levels.form_who",
        "sla_ladder": "levels.form_ladder",
        "sla_hours": "levels.form_hours",
    }
    title = say(titles[verb], name=name)
    return Form(
        title=title if len(title) <= TITLE_LENGTH else shorten(one_line(name), TITLE_LENGTH),
        call=of,
        inputs=tuple(_input(each, label, values.get(each, ""), say) for each, label in labels(verb, say).items()),
        submit=say("button.level_save"),
        cancel=say("form.cancel"),
        intro=intro,
    )


def name_form(say: Speaker) -> Form:
    """Asks which policy is meant, or what a new one shall be called."""
    name = Input("policy", say("option.policy"), required=True, hint=say("levels.hint_name"))
    return Form(say("form.sla_set"), call("sla_set"), (name,), say("form.submit"), say("form.cancel"))


def _input(name: str, label: str, value: str, say: Speaker) -> Input:
    if name == "urgent":
        choices = (Choice(NO, say("levels.not_urgent")), Choice(YES, say("levels.is_urgent")))
        return Input(name, label, InputKind.CHOICE, True, value or NO, choices=choices)
    kind = InputKind.PARAGRAPH if name in LONG else InputKind.LINE
    return Input(name, label, kind, name in NEEDED, value, say(HINTS[name]) if name in HINTS else "")
