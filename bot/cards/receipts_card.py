"""What became of somebody's advice: each piece with its state, for its sender."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.cards.advice_card import said
from bot.chat.card import Button, Card, Item, Style, Tone
from bot.chat.invocation import call
from bot.chat.text import Text
from bot.domain.advice import Advice, AdviceState, Token
from bot.domain.agent import Agent
from bot.translator import Speaker

SHOWN = 10
"""Pieces that are shown, the newest first."""
SOON = timedelta(minutes=1)
"""What goes out in less is on its way; nobody waits by the minute for it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The pieces that one person gave another in a call, or a note (`call` None).

    `waits` is how long each is held, `refused` are those that a platform does not take.
    """

    to: Agent
    pieces: Sequence[Advice]
    call: int | None = None
    is_live: bool = False
    waits: Mapping[int, timedelta] = field(default_factory=dict)
    refused: Collection[int] = ()


def receipts_card(sent: Sent, say: Speaker) -> Card:
    """The newest piece first; what waits can be withdrawn, and while the call goes on more can be said."""
    heading = say("receipts.note" if sent.call is None else "receipts.title", person=sent.to.name)
    newest = sorted(sent.pieces, key=lambda one: (one.at, one.id), reverse=True)
    shown, left_out = newest[:SHOWN], len(newest[SHOWN:])
    again = Button(say("button.whisper_again"), call("whisper", call=str(sent.call)))
    return Card(
        title=heading,
        tone=Tone.OPEN if any(one.state is AdviceState.QUEUED for one in newest) else Tone.QUIET,
        badge="" if sent.call is None else say("receipts.live" if sent.is_live else "receipts.over"),
        items=tuple(_item(one, sent, say) for one in shown),
        buttons=(again,) if sent.is_live else (),
        footer=(say("receipts.more", number=say.number(left_out)),) if left_out else (),
        summary=f"{heading} · {_summed(newest, sent, say)}",
    )


def _item(one: Advice, sent: Sent, say: Speaker) -> Item:
    can = one.state is AdviceState.QUEUED
    withdraw = Button(say("button.advice_withdraw"), call("advice_withdraw", advice=str(one.id)), Style.QUIET)
    return Item((said(one, say),), became(one, sent, say), withdraw if can else None)


def became(one: Advice, sent: Sent, say: Speaker) -> Text:
    """What became of a piece, and when that happened."""
    if one.state is not AdviceState.QUEUED:
        at = one.seen_at if one.state is AdviceState.SEEN else one.told_at(Token(one.state.value))
        return say.text(f"receipts.{one.state}", at=say.at(at or one.at))
    if one.id in sent.refused:
        return (say("receipts.refused"),)
    wait = sent.waits.get(one.id, timedelta())
    if wait >= SOON:
        return say.text("receipts.waits", until=say.at(say.now + wait))
    return (say("receipts.queued"),)


def _summed(newest: Sequence[Advice], sent: Sent, say: Speaker) -> str:
    """The newest piece in one line, for notifications."""
    if not newest:
        return ""
    state = "refused" if newest[0].id in sent.refused else newest[0].state
    key = f"advice.state.{state}"
    return f"{said(newest[0], say)} · {say(key)}"
