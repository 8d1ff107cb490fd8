"""What can be done about a reminder, with one press."""

from bot.chat.card import Button, Style
from bot.chat.invocation import call
from bot.domain.inquiry import Inquiry
from bot.domain.nudge import NudgeKind, Rung
from bot.translator import Speaker

SNOOZES = {"15m": "nudge.button.quarter", "1h": "nudge.button.hour", "tomorrow": "nudge.button.tomorrow"}
"""For how long one may put an inquiry aside, and the label of each."""

UNTOUCHED = ("keep", "release", "wait", "answered", "show")
SILENT = ("show", "resolve", "snooze", "resume")
CLOSING = ("resolve", "show", "snooze", "resume")
FREE = ("claim", "answered", "snooze", "show")
LEADING = ("assign", "extend", "snooze", "show")


def buttons_of(inquiry: Inquiry, kind: NudgeKind, to: Rung | None, say: Speaker) -> tuple[Button, ...]:
    """The buttons for those who are told, at most five, drawn at the inquiry's version; for nobody: only to look."""
    match kind:
        case _ if to is None:
            return _each(("show",), inquiry, say)
        case NudgeKind.FOLLOW_UP | NudgeKind.HAND_BACK | NudgeKind.RESUME:
            return _each(("claim", "show") if to is Rung.TEAM and inquiry.holder is None else ("show",), inquiry, say)
        case NudgeKind.UNTOUCHED:
            return _each(UNTOUCHED, inquiry, say)
        case NudgeKind.SILENT:
            return _each(SILENT, inquiry, say)
        case NudgeKind.CLOSING:
            return _each(CLOSING, inquiry, say)
    match to:
        case Rung.HOLDER:
            snoozes = (
                Button(say(label), call("snooze", inquiry.number, inquiry.version, time=time))
                for time, label in SNOOZES.items()
            )
            return (*_each(("answered",), inquiry, say), *snoozes, _button("escalate", inquiry, say))
        case Rung.TEAM:
            return _each(("show",) if inquiry.holder else FREE, inquiry, say)
    return _each(LEADING, inquiry, say)


def row_button(inquiry: Inquiry, is_over: bool, say: Speaker) -> Button:
    """The one button of a row: to claim what is free, to look at everything else."""
    is_free = inquiry.holder is None and not is_over and not inquiry.is_resolved
    return _button("claim", inquiry, say, Style.PRIMARY) if is_free else _button("show", inquiry, say)


def _each(verbs: tuple[str, ...], inquiry: Inquiry, say: Speaker) -> tuple[Button, ...]:
    """The first one asks to be pressed, unless it only shows something."""
    styles = {verbs[0]: Style.PRIMARY, "show": Style.QUIET}
    return tuple(_button(verb, inquiry, say, styles.get(verb, Style.NORMAL)) for verb in verbs)


def _button(verb: str, inquiry: Inquiry, say: Speaker, style: Style = Style.NORMAL) -> Button:
    return Button(say(f"button.{verb}"), call(verb, inquiry.number, inquiry.version), style)
