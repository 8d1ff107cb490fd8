"""What is promised of one inquiry: its policy, why it has that one, and how each of its clocks stands."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cards.level_words import length, target_in_words, whom
from bot.cards.levels_card import button_to
from bot.chat.card import Button, Card, Field, Tone
from bot.chat.invocation import call
from bot.chat.text import Text
from bot.domain.hours import Time
from bot.domain.inquiry import Inquiry, Status
from bot.domain.levels import Facts, Level
from bot.domain.sla import Clock, Clocks
from bot.domain.timeline import WAITING
from bot.translator import Speaker

SHOWN = 9
"""The newest clocks that are told."""


def clocks_card(
    inquiry: Inquiry,
    level: Level,
    facts: Facts,
    clocks: Clocks | None,
    time: Time,
    at: datetime,
    say: Speaker,
) -> Card:
    """The policy of an inquiry with the state of each clock, in the time that it counts.

    `clocks` is None when its team never is there again.
    """
    title = say("levels.of_inquiry", inquiry=inquiry.number, name=level.name)
    shown = clocks.all[-SHOWN:] if clocks else ()
    return Card(
        title=title,
        tone=_tone(shown, at),
        lines=((inquiry.subject,), (_why(level, facts, say),), *([] if clocks else [(say("levels.never"),)])),
        fields=tuple(Field(target_in_words(one.target, say), _state(one, inquiry, time, at, say)) for one in shown),
        buttons=(
            *button_to(say("levels.look"), "sla", None, policy=level.name),
            Button(say("button.show"), call("show", inquiry.number)),
        ),
        summary=title,
    )


def nothing_card(inquiry: Inquiry, has_levels: bool, say: Speaker) -> Card:
    """Nothing is promised of that inquiry."""
    title = say("levels.of_nobody", inquiry=inquiry.number)
    hint = say("levels.no_policy_fits") if has_levels else say("levels.how_to_begin")
    look = Button(say("levels.all_button"), call("sla"))
    return Card(title=title, lines=((inquiry.subject,), (hint,)), buttons=(look,), summary=title)


def _why(level: Level, facts: Facts, say: Speaker) -> str:
    """Which of its conditions are met, by what of the inquiry."""
    met = replace(
        level,
        queues=_met(level.queues, [facts.queue]),
        tags=_met(level.tags, facts.tags),
        ranks=_met(level.ranks, facts.ranks),
        languages=_met(level.languages, [facts.language]),
    )
    told = whom(met, say)
    return say("levels.because", why=told)


def _met(wanted: frozenset[str], given: Collection[str]) -> frozenset[str]:
    return wanted & frozenset(given)


def _state(one: Clock, inquiry: Inquiry, time: Time, at: datetime, say: Speaker) -> Text:
    told = _how_it_stands(one, inquiry, time, at, say)
    if not one.extensions:
        return told
    return (*told, " · ", say("levels.extended", count=one.extensions))


def _how_it_stands(one: Clock, inquiry: Inquiry, time: Time, at: datetime, say: Speaker) -> Text:
    if one.ended_at:
        if one.due is None:
            return say.text("levels.ended", at=say.at(one.ended_at))
        key = "levels.ended_late" if one.is_broken else "levels.ended_in_time"
        return say.text(key, at=say.at(one.ended_at), due=say.at(one.due))
    left = one.left(at, time)
    if inquiry.status in WAITING and not one.runs_at(at):
        key = "levels.stands_still" if left > timedelta() else "levels.stands_still_late"
        who = "levels.the_customer" if inquiry.status is Status.WAITING_ON_CUSTOMER else "levels.a_third_party"
        return (say(key, time=length(left, say), who=say(who)),)
    if one.due is None:
        return (say("levels.left_only", time=length(left, say)),)
    key = "levels.due_and_left" if at < one.due else "levels.due_and_over"
    return say.text(key, due=say.at(one.due), time=length(left, say))


def _tone(shown: Collection[Clock], at: datetime) -> Tone:
    still_open = [one for one in shown if not one.ended_at]
    if any(one.due and one.due <= at for one in still_open):
        return Tone.ALERT
    return Tone.OPEN if still_open else Tone.DONE
