"""How long people talked, and how often: the words that several cards say of phone calls."""

from collections.abc import Sequence
from datetime import timedelta

from bot.chat.text import Text
from bot.domain.phone import PhoneCall
from bot.translator import Speaker

BRIEF = timedelta(seconds=30)
"""Less is under a minute: times are told to the nearest one."""


def length_told(call: PhoneCall, say: Speaker) -> str:
    """ "12 minutes", "under a minute", "about 12 minutes" where nobody who was there told the end; empty: unknown.

    Of a call of which nothing was heard after its beginning, nobody knows how long it was.
    """
    if call.length is None or (call.is_estimated and call.length < BRIEF):
        return ""
    time = say("phone.brief") if call.length < BRIEF else say.duration(call.length, in_days=False)
    return say("phone.about_so_long", time=time) if call.is_estimated else time


def calls_told(calls: Sequence[PhoneCall], say: Speaker) -> Text:
    """ "3 calls, the last one 10:42, 12 minutes": calls that are over, the newest first."""
    last = calls[0]
    at = last.started_at or (last.ended.at if last.ended else None)
    return say.text("phone.calls", count=len(calls), at=say.at(at) if at else "-", time=length_told(last, say) or "-")
