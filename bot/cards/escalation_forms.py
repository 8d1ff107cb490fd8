"""The forms of escalations: to ask, to answer, to pass on, and to say what an answer was worth."""

from collections.abc import Mapping, Sequence

from bot.cards.escalation_card import call_of
from bot.chat.card import Choice, Form, Input, InputKind
from bot.chat.invocation import call
from bot.chat.text import one_line, shorten
from bot.domain.escalation import Escalation, Help, Urgency, Verdict
from bot.domain.inquiry import Inquiry
from bot.domain.levels import Escalations
from bot.translator import Speaker

NO_CRITERION = "-"
"""What a form says for none of the criteria: platforms take no empty choice."""
VALUE_LENGTH = 50
"""Characters of a value that every platform carries, however it counts them."""
LISTED = 12
"""Criteria that stand above the questions."""


def ask_form(
    inquiry: Inquiry,
    typed: Mapping[str, str],
    laid_down: Escalations,
    topics: Mapping[str, str],
    waiting: Sequence[Escalation],
    say: Speaker,
) -> Form:
    """Asks for help with an inquiry; `typed` is what stands there already, and `topics` whose experts there are.

    With criteria, what is wanted and how soon are one question: so their list has room above the questions, or the
    experts below them, where a form has five parts.
    """
    inputs = [
        Input("content", say("escalation.content"), InputKind.PARAGRAPH, True, typed.get("content", "")),
        Input("tried", say("escalation.tried"), InputKind.PARAGRAPH, True, typed.get("tried", "")),
        *(_wanted(typed, say) if laid_down.criteria else _apart(typed, say)),
    ]
    if laid_down.criteria:
        inputs.append(_criteria(laid_down, typed, say))
    if topics:
        experts = tuple(Choice(value, label) for value, label in topics.items())
        first = typed.get("expert") or next(iter(topics))
        inputs.append(Input("expert", say("escalation.to"), InputKind.CHOICE, True, first, choices=experts))
    return Form(
        title=say("form.escalate", inquiry=inquiry.number),
        call=call("escalate", inquiry.number, inquiry.version),
        inputs=tuple(inputs),
        submit=say("button.escalate"),
        cancel=say("form.cancel"),
        intro=_intro(laid_down, waiting, say),
    )


def answer_form(one: Escalation, say: Speaker) -> Form:
    """Asks for the answer, and where an approval is wanted, for yes or no."""
    verdicts = tuple(Choice(each.value, say(f"escalation.verdict.{each}")) for each in Verdict)
    is_approval = one.help is Help.APPROVAL
    inputs = (
        *((Input("verdict", say("escalation.verdict"), InputKind.CHOICE, True, choices=verdicts),) * is_approval),
        Input("answer", say("escalation.answer"), InputKind.PARAGRAPH, not is_approval),
    )
    return Form(
        title=say("form.escalate_answer", inquiry=one.number),
        call=call_of("escalate_answer", one),
        inputs=inputs,
        submit=say("button.escalate_answer"),
        cancel=say("form.cancel"),
    )


def pass_form(one: Escalation, choices: Mapping[str, str], say: Speaker) -> Form:
    """Asks whom to ask instead: the experts of a topic, the supervisors, or a person."""
    whom = tuple(Choice(value, label) for value, label in choices.items())
    return Form(
        title=say("form.escalate_pass", inquiry=one.number),
        call=call_of("escalate_pass", one),
        inputs=(Input("expert", say("escalation.to"), InputKind.CHOICE, True, choices=whom),),
        submit=say("button.escalate_pass"),
        cancel=say("form.cancel"),
    )


def feedback_form(one: Escalation, say: Speaker) -> Form:
    """Asks what was missing; who does not want to say leaves it empty."""
    return Form(
        title=say("form.escalate_feedback", inquiry=one.number),
        call=call_of("escalate_feedback", one, verdict="not_helpful"),
        inputs=(Input("feedback", say("escalation.missing"), InputKind.PARAGRAPH),),
        submit=say("button.escalate_feedback"),
        cancel=say("form.cancel"),
    )


def value_of(criterion: str) -> str:
    """How a form names a criterion."""
    return shorten(one_line(criterion), VALUE_LENGTH)


def wanted(options: Mapping[str, str]) -> tuple[Help, Urgency] | None:
    """What is wanted and how soon, asked in one question or in two; None when it is not said."""
    help_, _, urgency = options.get("wanted", "").partition(".")
    try:
        return Help(help_ or options.get("help", "")), Urgency(urgency or options.get("urgency", ""))
    except ValueError:
        return None


def _wanted(typed: Mapping[str, str], say: Speaker) -> list[Input]:
    choices = tuple(
        Choice(f"{each}.{urgency}", f"{say(f'escalation.help.{each}')} · {say(f'escalation.urgency.{urgency}')}")
        for each in Help
        for urgency in Urgency
    )
    given = typed.get("wanted") or choices[0].value
    label, hint = say("escalation.wanted"), say("escalation.urgency_hint")
    return [Input("wanted", label, InputKind.CHOICE, True, given, hint, choices)]


def _apart(typed: Mapping[str, str], say: Speaker) -> list[Input]:
    helps = tuple(Choice(each.value, say(f"escalation.help.{each}")) for each in Help)
    urgencies = tuple(Choice(each.value, say(f"escalation.urgency.{each}")) for each in Urgency)
    hint = say("escalation.urgency_hint")
    return [
        Input("help", say("escalation.help"), InputKind.CHOICE, True, typed.get("help") or Help.ANSWER, "", helps),
        Input(
            "urgency",
            say("escalation.urgency"),
            InputKind.CHOICE,
            True,
            typed.get("urgency") or Urgency.NORMAL,
            hint,
            urgencies,
        ),
    ]


def _criteria(laid_down: Escalations, typed: Mapping[str, str], say: Speaker) -> Input:
    none = Choice(NO_CRITERION, say("escalation.no_criterion"))
    choices = (*(Choice(value_of(one), one) for one in laid_down.criteria), none)
    return Input(
        "criterion", say("escalation.criterion"), InputKind.CHOICE, True, typed.get("criterion", ""), "", choices
    )


def _intro(laid_down: Escalations, waiting: Sequence[Escalation], say: Speaker) -> str:
    """What waits for an answer already, and when one escalates."""
    lines = [
        say(
            "escalation.waiting",
            person=one.asker.name,
            at=say.clock(one.at),
            state=say(f"escalation.state.{one.state}"),
        )
        for one in waiting
        if one.is_open
    ]
    if laid_down.criteria:
        listed = [f"• {one_line(each)}" for each in laid_down.criteria[:LISTED]]
        lines.append("\n".join((say("escalation.criteria"), *listed)))
    return "\n".join(lines)
