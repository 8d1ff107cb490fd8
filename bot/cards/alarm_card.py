"""What a supervisor is told when a place refuses what is sent there."""

from collections.abc import Sequence
from typing import Protocol

from bot.chat.card import Button, Card, Style, Tone
from bot.chat.invocation import call
from bot.translator import Speaker


class Kept(Protocol):
    """A notice that was refused, with the platform's reason."""

    @property
    def reason(self) -> str: ...


def alarm_card(parked: Sequence[Kept], place: str, say: Speaker) -> Card:
    """Where nothing gets through, why, how much is held back, and how to try again once it is mended.

    `parked` begins with the newest. The oldest tells why: later ones may have failed for its sake.
    """
    title = say("alarm.title", place=place)
    if not parked:
        return Card(title=title, tone=Tone.DONE, lines=((say("alarm.over"),),), summary=title)
    return Card(
        title=title,
        tone=Tone.ALERT,
        lines=((parked[-1].reason,), (say("alarm.kept", count=len(parked)),)),
        buttons=(Button(say("button.retry"), call("retry"), Style.PRIMARY),),
        summary=title,
    )
