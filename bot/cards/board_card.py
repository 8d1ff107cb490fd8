"""The board: who of the team is on the phone, with whom, for how long and about what, to be read at a glance."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.chat.card import Button, Card, Item, Style, Tone
from bot.chat.invocation import call as pressing
from bot.chat.text import Part, Text, one_line, shorten
from bot.domain.advice import Advice
from bot.domain.phone import PhoneCall
from bot.domain.phoning import BULLET, masked
from bot.translator import Speaker

PAGE = 8
"""Calls a page: each is a row with two buttons, and Discord's cards hold forty parts."""
NAME_LENGTH, SUBJECT_LENGTH, ADVICE_LENGTH = 40, 40, 40
"""Characters: a row is two or three lines on a phone."""
HIDDEN = BULLET * 3
BETWEEN = " · "

_ADDRESS = re.compile(r"[^\s<>()「」（）、。,;:]+[@＠][^\s<>()「」（）、。,;]+")
_NUMBER = re.compile(r"[+＋]?\d(?:[\s().・‐-―−－ー-]{0,2}\d){8,}")
"""So many digits that they may be somebody's whole number, however it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A call that goes on, with what a board tells of it; `advice` was said last in it. `caution`: care is needed."""

    call: PhoneCall
    name: str = ""
    subject: str = ""
    caution: bool = False
    advice: Advice | None = None


def board_card(talks: Sequence[Talk], total: int, page: int, region: str, say: Speaker) -> Card:
    """One page of the calls that go on; `talks` are those of that page. Of a caller it tells no more than a hint.

    `region` is where phone numbers are spoken without a country's code ("JP").
    """
    heading = say("board.title")
    if not total:
        nobody = say("board.nobody")
        return Card(heading, Tone.QUIET, lines=((nobody,),), summary=nobody)
    pages = -(-total // PAGE)
    left = total - page * PAGE
    counted = say("board.count", count=total)
    return Card(
        title=heading,
        tone=Tone.ALERT if any(talk.caution for talk in talks) else Tone.OPEN,
        badge=counted,
        items=tuple(_row(talk, region, say) for talk in talks),
        buttons=_turns(page, pages, say),
        footer=(say("board.more", number=say.number(left), page=page + 1),) if left > 0 else (),
        summary=f"{heading}: {counted}",
    )


def no_board_card(say: Speaker) -> Card:
    """What stays where a board was taken away: it must not look as if it were kept up."""
    return Card(say("board.gone"), Tone.QUIET)


def veiled(text: str, length: int) -> str:
    """A text in short, without addresses and numbers that somebody wrote into it."""
    return shorten(_NUMBER.sub(HIDDEN, _ADDRESS.sub(HIDDEN, one_line(text))), length)


def _row(talk: Talk, region: str, say: Speaker) -> Item:
    id_ = str(talk.call.id)
    return Item(
        (f"{shorten(one_line(talk.call.agent.name), NAME_LENGTH)}{BETWEEN}{_caller(talk, region, say)}",),
        _detail(talk, say),
        buttons=(
            Button(say("button.whisper"), pressing("whisper", call=id_)),
            Button(say("button.show"), pressing("phone", call=id_), Style.QUIET),
        ),
    )


def _caller(talk: Talk, region: str, say: Speaker) -> str:
    """A number without its middle, or how a name begins."""
    if number := masked(talk.call.caller.number, region):
        return number
    letters = [sign for sign in one_line(talk.name) if sign.isalpha()]
    return f"{letters[0]}{HIDDEN}" if letters else say("phone.unknown_caller")


def _detail(talk: Talk, say: Speaker) -> Text:
    told: list[Text] = []
    if talk.caution:
        told.append((say("customer.flagged"),))
    if talk.call.started_at:
        told.append(say.text("phone.began", since=say.since(talk.call.started_at)))
    if subject := veiled(talk.subject, SUBJECT_LENGTH):
        told.append((subject,))
    if talk.advice and (words := veiled(talk.advice.text, ADVICE_LENGTH)):
        told.append((say("board.advice", words=words, state=say(f"advice.state.{talk.advice.state}")),))
    parts: list[Part] = []
    for text in told:
        parts += [BETWEEN, *text] if parts else text
    return tuple(parts)


def _turns(page: int, pages: int, say: Speaker) -> tuple[Button, ...]:
    back = (Button(say("queue.back"), pressing("board", page=str(page - 1))),) if page > 1 else ()
    on = (Button(say("queue.on"), pressing("board", page=str(page + 1))),) if page < pages else ()
    return back + on
